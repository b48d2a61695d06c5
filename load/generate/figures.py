"""Computation of a result's figures from records. Latencies are in ms."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from load.generate.records import Cache, Records, of_class, starts

PERCENTILES: Final = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9, "max": 100.0}
_SERIES: Final = ("p50", "p95", "p99")
_CLASSES: Final = {"hits": Cache.HIT, "misses": Cache.MISS, "mixed": Cache.MIXED}


@dataclass(frozen=True)
class Figures:
    """Figures of a run."""

    seconds: float
    requests: int
    requests_per_second: float
    success: float
    """Share of requests that were answered with 200."""
    statuses: dict[str, int]
    """Number of requests by status; 0 counts those without an answer."""
    seen: dict[str, int]
    """Number of requests by the ``Cache-Status`` of the answer."""
    expected: dict[str, int]
    """Number of requests by the ``Cache-Status`` that the profile expects."""
    strayed: int
    """Number of answers that were a hit instead of a miss, or the other way round."""
    latency: dict[str, dict[str, float]]
    """Percentiles of the latencies of all requests, and of hits, misses and mixed batches, if there are any."""


def summarise(records: Records, seconds: float) -> Figures:
    """Return the figures of the requests in a window of some seconds."""
    statuses, counts = np.unique(records["status"], return_counts=True)
    right = int(np.sum(records["status"] == HTTPStatus.OK))
    return Figures(
        seconds=seconds,
        requests=len(records),
        requests_per_second=len(records) / seconds,
        success=right / len(records) if len(records) else 0.0,
        statuses={str(status): int(count) for status, count in zip(statuses, counts, strict=True)},
        seen=_counts(records["seen"]),
        expected=_counts(records["expected"]),
        strayed=_strayed(records),
        latency={name: percentiles(part["latency_us"]) for name, part in _parts(records).items()},
    )


def percentiles(micros: NDArray[Any]) -> dict[str, float]:
    """Return percentiles in ms of latencies in µs, with linear interpolation."""
    values = np.percentile(micros, list(PERCENTILES.values())) / 1000
    return {name: round(float(value), 3) for name, value in zip(PERCENTILES, values, strict=True)}


def series(records: Records, begin: float, seconds: float) -> list[dict[str, Any]]:
    """Summarise each second of a window that began at a moment of the monotonic clock; the last takes what is over."""
    count = max(1, round(seconds))
    numbers = np.minimum(np.floor(starts(records) - begin), count - 1)
    rows = []
    for second in range(count):
        row: dict[str, Any] = {"second": second}
        for name, part in _parts(records[numbers == second]).items():
            values = percentiles(part["latency_us"])
            row[name] = {"requests": len(part)} | {key: values[key] for key in _SERIES}
        rows.append(row)
    return rows


def _parts(records: Records) -> dict[str, Records]:
    parts = {"all": records} | {name: of_class(records, seen) for name, seen in _CLASSES.items()}
    return {name: part for name, part in parts.items() if len(part)}


def _strayed(records: Records) -> int:
    pure = [Cache.HIT, Cache.MISS]
    told_apart = np.isin(records["seen"], pure) & np.isin(records["expected"], pure)
    return int(np.sum(told_apart & (records["seen"] != records["expected"])))


def _counts(classes: NDArray[Any]) -> dict[str, int]:
    return {name: int(np.sum(classes == seen)) for name, seen in {"none": Cache.NONE, **_CLASSES}.items()}
