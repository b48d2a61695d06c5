"""Missed texts of a simulation: their arrival, their length and their work."""

from typing import NamedTuple

import numpy as np

from load.capacity.inputs.model import PASS_TOKENS, Floats, Plan


class Text(NamedTuple):
    """A missed text. Times are in seconds."""

    ready: float
    """Time of its claim."""
    api: int
    """Number of its API process."""
    arrived: float
    """Time at which its request arrives at the API."""
    deadline: float
    """Time at which the API gives it up."""
    tokens: int
    """Estimated tokens, as the admission counts them."""
    seconds: float
    """Duration of its forward pass."""
    after: float
    """Time from the end of its work until the client has the answer."""


class Lengths:
    """Draws lengths of texts, with their work.

    Args:
        plan: the length mix, and the time of a pass by tokens.
    """

    def __init__(self, plan: Plan) -> None:
        lengths = np.array(list(plan.traffic.length_mix))
        shares = np.array(list(plan.traffic.length_mix.values()))
        self._shares = shares / shares.sum()
        self._tokens = lengths + PASS_TOKENS
        self._seconds = plan.costs.pass_seconds(lengths.astype(float))

    def draw(self, random: np.random.Generator, count: int) -> tuple[list[int], list[float]]:
        """Return the estimated tokens and the seconds of some texts."""
        which = random.choice(len(self._tokens), count, p=self._shares)
        return self._tokens[which].tolist(), self._seconds[which].tolist()

    @property
    def mean_seconds(self) -> float:
        """Average duration of a text's forward pass in seconds."""
        return float(self._seconds @ self._shares)

    @property
    def mean_tokens(self) -> float:
        """Average estimated tokens of a text."""
        return float(self._tokens @ self._shares)


def poisson_moments(random: np.random.Generator, start: float, seconds: float, rate: float) -> Floats:
    """Return the times of the events of a Poisson process in a time span, in order."""
    return np.sort(random.uniform(start, start + seconds, int(random.poisson(rate * seconds))))
