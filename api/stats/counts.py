"""The counts in one slot of the ring, taken from the tallies."""

from collections.abc import Iterable, Sequence
from typing import Final

from api.metrics.tallies import Tallies
from shared.process.metrics import SECONDS

STEP_MS: Final = 5_000
"""Length of a slot in ms."""
SLOTS: Final = 180
"""Number of slots in the ring, which is fifteen minutes."""
BUCKETS: Final = len(SECONDS) + 1
SUMS: Final = (
    "processes", "requests", "hits", "misses", "unavailable", "late", "failed", "rejected",
    "memory", "redis", "shared", "computed",
)  # fmt: skip
"""Counts that are added up over all processes: processes that counted; synchronous requests, those that were answered
without and with computing, with 503, 504, another 5xx, or 4xx; texts by the source of their answers."""
MAXIMA: Final = ("interactive", "bulk", "interactive_oldest", "bulk_oldest", "workers")
"""Figures that each process reads from the broker, of which the maximum is kept: unfinished texts, chunks in the line,
ages of the oldest (ms), and model processes."""
UNKNOWN: Final = -1
"""Value of each of these figures while the broker does not answer."""
_HITS: Final = len(SUMS)
_MISSES: Final = _HITS + BUCKETS
SUM_COUNT: Final = _MISSES + BUCKETS
"""How many of a slot's numbers are sums: `SUMS`, then durations of hits and of misses by bucket; `MAXIMA` follow."""
COUNT: Final = SUM_COUNT + len(MAXIMA)

_ONE_PROCESS: Final = 1
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400


class Counter:
    """Computes the increase of the tallies since the last slot; of the requests, only predictions count.

    Args:
        tallies: the counts of this process.
        routes: labels of the prediction routes, see `api.kinds`.
    """

    def __init__(self, tallies: Tallies, routes: Iterable[str]) -> None:
        self._tallies = tallies
        self._routes = frozenset(routes)
        self._seen = [0] * SUM_COUNT

    def take(self) -> list[int]:
        """Return the increase of each count since the last call, in the order of a slot's sums."""
        now = self._sums()
        taken = [new - old for new, old in zip(now, self._seen, strict=True)]
        self._seen = now
        taken[0] = _ONE_PROCESS
        return taken

    def _sums(self) -> list[int]:
        found = dict.fromkeys(SUMS, 0)
        for (_, route, status, cache), count in self._tallies.requests.items():
            if route in self._routes:
                found["requests"] += count
                found["hits"] += count * (cache == "hit")
                found["misses"] += count * (cache == "miss")
                if outcome := _outcome(int(status)):
                    found[outcome] += count
        lookups, claims = self._tallies.lookups, self._tallies.claims
        found |= {"memory": lookups["held"], "redis": lookups["found"], "computed": claims["claimed"]}
        found["shared"] = claims["coalesced"] + claims["answered"]
        return [*found.values(), *self._durations("hit"), *self._durations("miss")]

    def _durations(self, cache: str) -> list[int]:
        total = [0] * BUCKETS
        for (route, outcome), tally in self._tallies.durations.items():
            if outcome == cache and route in self._routes:
                total = [one + other for one, other in zip(total, tally.counts, strict=True)]
        return total


def hit_buckets(slot: Sequence[int]) -> Sequence[int]:
    """Return the numbers of hits in the buckets of their duration."""
    return slot[_HITS:_MISSES]


def miss_buckets(slot: Sequence[int]) -> Sequence[int]:
    """Return the numbers of misses in the buckets of their duration."""
    return slot[_MISSES:SUM_COUNT]


def _outcome(status: int) -> str:
    if status in {503, 504}:
        return "unavailable" if status == 503 else "late"  # noqa: PLR2004
    return "failed" if status >= _SERVER_ERROR else "rejected" if status >= _CLIENT_ERROR else ""
