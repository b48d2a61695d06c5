"""Missed texts: their arrival, their length and their work."""

from typing import NamedTuple

import numpy as np

from load.capacity.inputs.model import PASS_TOKENS, Floats, Plan


class Text(NamedTuple):
    """One missed text. Times in seconds."""

    ready: float
    """Moment of its claim."""
    api: int
    """The API process that it belongs to."""
    arrived: float
    """Arrival of its request at the API."""
    deadline: float
    """The moment at which the API gives it up."""
    tokens: int
    """Estimated work, as admission counts it."""
    seconds: float
    """Time for which it keeps a model process."""
    after: float
    """Latency from the end of its work until the client has the answer."""


class Lengths:
    """Lengths of texts, and their work.

    Args:
        plan: the length mix and what a token takes.
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
        """Time for which a text keeps a model process, on average."""
        return float(self._seconds @ self._shares)

    @property
    def mean_tokens(self) -> float:
        """Estimated work of a text, on average."""
        return float(self._tokens @ self._shares)


def poisson_moments(random: np.random.Generator, start: float, seconds: float, rate: float) -> Floats:
    """Return the moments of a Poisson process within a time span, in order."""
    return np.sort(random.uniform(start, start + seconds, int(random.poisson(rate * seconds))))
