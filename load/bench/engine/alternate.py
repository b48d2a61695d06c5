"""Contenders that take turns, so that a machine whose speed changes is as fast for one as for the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

UNTIMED: Final = 2
TIMED: Final = 6
NOISY: Final = 0.1
"""Spread of a ratio over the rounds from which on it says little."""

Clock = Callable[[], float]
Run = Callable[[], object]


@dataclass(frozen=True)
class Ratio:
    """By how many times a contender is faster than another: the median of the rounds, and their spread."""

    value: float
    spread: float
    """Largest less smallest, as a share of the median."""

    @property
    def noisy(self) -> bool:
        """Whether the rounds differ too much."""
        return self.spread > NOISY


def alternate(contenders: Mapping[str, Run], rounds: int, clock: Clock) -> dict[str, list[float]]:
    """Give each contender a block of calls in turn.

    Returns:
        By contender, the median seconds of a call in each of its blocks.
    """
    medians: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            medians[name].append(_block(run, clock))
    return medians


def ratio(other: Sequence[float], own: Sequence[float]) -> Ratio:
    """Compare the blocks of two contenders, round by round."""
    values = [theirs / ours for theirs, ours in zip(other, own, strict=True)]
    return Ratio(median(values), (max(values) - min(values)) / median(values))


def _block(run: Run, clock: Clock) -> float:
    for _ in range(UNTIMED):
        run()
    times = []
    for _ in range(TIMED):
        began = clock()
        run()
        times.append(clock() - began)
    return median(times)
