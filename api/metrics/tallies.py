"""The counts of an API process. To count a value takes less than a microsecond; a hit takes sixty.

Only the thread of the event loop counts, so no locks are needed. `families` converts the counts for Prometheus.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import Final

from api.errors.problems import CODES
from shared.broker.role import Role
from shared.process import metrics

_METHODS: Final = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"})
JOB, CANCELLATION, PROGRESS = LOST = ("job", "cancellation", "progress")
"""Losses of a job that are counted: the job itself, its cancellation, its progress."""
_CLAIMS: Final = ("claimed", "coalesced", "answered", "refused", "failed")


class Histogram:
    """A histogram.

    Args:
        bounds: upper bounds of its buckets, in rising order; one more bucket counts larger values.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value; a value equal to a bound belongs to the bucket below the bound."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Tallies:
    """All counts of one API process, with the labels of `shared.process.metrics`."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, ...]] = Counter()
        """By method, route, status and cache outcome."""
        self.durations: defaultdict[tuple[str, ...], Histogram] = defaultdict(lambda: Histogram(metrics.SECONDS))
        """By route and cache outcome."""
        self.open_requests = 0
        # All labels begin at 0: Prometheus misses the first increase of a series that did not exist before.
        self.problems: Counter[str] = Counter(dict.fromkeys(CODES, 0))
        self.lookups: Counter[str] = Counter(dict.fromkeys(("held", "found", "missed"), 0))
        self.cache_errors = 0
        self.claims: Counter[str] = Counter(dict.fromkeys(_CLAIMS, 0))
        self.failovers: Counter[str] = Counter(dict.fromkeys(Role, 0))
        """By the part whose primary was replaced."""
        self.setbacks: Counter[str] = Counter(dict.fromkeys(LOST, 0))
        self.lag = Histogram(metrics.LAG.buckets)

    def request(self, method: str, route: str, status: int, cache: str, seconds: float) -> None:
        """Count an answered request.

        Args:
            method: HTTP method; an unknown one counts as other.
            route: template of the route, not its path, so that clients cannot create new labels.
            status: status of the answer.
            cache: hit, miss, or none.
            seconds: time from the request's headers to its answer.
        """
        self.requests[method if method in _METHODS else "other", route, str(status), cache] += 1
        self.durations[route, cache].observe(seconds)
