"""Counting, at less than a microsecond each: a hit as a whole takes sixty.

Only the event loop's thread counts, so nothing is locked. prometheus_client turns the counts into text, see `families`.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import Final

from api.problems import CODES
from shared.process import metrics

_METHODS: Final = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"})
_CLAIMS: Final = ("claimed", "coalesced", "answered", "refused", "failed")


class Histogram:
    """A histogram.

    Args:
        bounds: upper bounds of its buckets, rising; one more takes the rest.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value; a bound belongs to its bucket."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Tallies:
    """All that one API process counts, by the labels of `shared.process.metrics`."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, ...]] = Counter()
        """By method, route, status and cache outcome."""
        self.durations: defaultdict[tuple[str, ...], Histogram] = defaultdict(lambda: Histogram(metrics.SECONDS))
        """By route and cache outcome."""
        self.open_requests = 0
        # From 0 on, since Prometheus does not see the first step of what was not there before.
        self.problems: Counter[str] = Counter(dict.fromkeys(CODES, 0))
        self.lookups: Counter[str] = Counter(dict.fromkeys(("held", "found", "missed"), 0))
        self.cache_errors = 0
        self.claims: Counter[str] = Counter(dict.fromkeys(_CLAIMS, 0))
        self.lag = Histogram(metrics.LAG.buckets)

    def request(self, method: str, route: str, status: int, cache: str, seconds: float) -> None:
        """Count an answered request.

        Args:
            method: of HTTP; what is none counts as other.
            route: the route's template, not the path: a client must not be able to make up labels.
            status: of the answer.
            cache: hit, miss, or none.
            seconds: from its headers to its answer.
        """
        self.requests[method if method in _METHODS else "other", route, str(status), cache] += 1
        self.durations[route, cache].observe(seconds)
