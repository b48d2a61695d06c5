"""Conversion of a slot's counts to a point of the curves."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from api.stats.counts import COUNT, MAXIMA, SUM_COUNT, SUMS, UNKNOWN, hit_buckets, miss_buckets
from shared.process.metrics import SECONDS

Number = float | int | None

COLUMNS: Final = ("slot", *SUMS, "hit_p50", "hit_p99", "miss_p50", "miss_p99", *MAXIMA)
"""Names of a point's numbers. Quantiles are in ms; a number is None if there were no requests, or no broker."""
_DIGITS: Final = 3


def point(slot: int, counts: Sequence[int]) -> list[Number]:
    """Return the numbers of `COLUMNS`."""
    maxima = (None if value == UNKNOWN else value for value in counts[SUM_COUNT:])
    return [slot, *counts[: len(SUMS)], *quantiles(counts), *maxima]


def quantiles(counts: Sequence[int]) -> list[Number]:
    """Return p50 and p99 of hits, then of misses."""
    return [
        quantile(buckets, share) for buckets in (hit_buckets(counts), miss_buckets(counts)) for share in (0.5, 0.99)
    ]


def quantile(buckets: Sequence[int], share: float) -> Number:
    """Return a quantile of durations in ms, estimated like Prometheus's `histogram_quantile`; None without durations.

    Within a bucket, durations are assumed to be distributed evenly. Those above the last bound count as that bound.

    Args:
        buckets: number of durations in each bucket.
        share: the quantile, from 0 to 1.
    """
    reached = list(accumulate(buckets))
    if not reached[-1]:
        return None
    wanted = share * reached[-1]
    index = bisect_left(reached, wanted)
    if index == len(SECONDS):
        return SECONDS[-1] * 1000
    low = SECONDS[index - 1] if index else 0.0
    inside = 1 - (reached[index] - wanted) / buckets[index]
    return float(f"{(low + (SECONDS[index] - low) * inside) * 1000:.{_DIGITS}g}")


def total(slots: Iterable[Sequence[int]]) -> list[int]:
    """Return the total of slots: the sums of their sums, and the largest of their maxima."""
    sums = [0] * COUNT
    for counts in slots:
        sums = [
            old + new if index < SUM_COUNT else max(old, new)
            for index, (old, new) in enumerate(zip(sums, counts, strict=True))
        ]
    return sums
