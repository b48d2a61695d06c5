"""The records that a generator writes, one for each request; `programs/records.js` has their layout."""

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Records = NDArray[np.void]
"""A structured array with one element for each request and the fields of `RECORD`."""
RECORD: Final = np.dtype(
    [("end_us", "<f8"), ("latency_us", "<u4"), ("status", "<u2"), ("seen", "u1"), ("expected", "u1")]
)
_MICROS: Final = 1e6


class Cache(IntEnum):
    """The class of an answer by its ``Cache-Status``, seen or expected."""

    NONE = 0
    HIT = 1
    MISS = 2
    MIXED = 3


def read_records(files: Iterable[Path]) -> Records:
    """Return the records of all clients of a run, in the order in which the answers arrived."""
    records = np.concatenate([np.empty(0, RECORD), *(np.fromfile(file, RECORD) for file in sorted(files))])
    order = np.argsort(records["end_us"], kind="stable")
    ordered: Records = records[order]
    return ordered


def fastest(files: Iterable[Path]) -> float:
    """Return the rate of the fastest client in requests per second; 0 if no client has got two answers."""
    rates = [0.0]
    for file in files:
        moments = np.fromfile(file, RECORD)["end_us"]
        if len(moments) > 1:
            rates.append((len(moments) - 1) / (moments[-1] - moments[0]) * _MICROS)
    return float(max(rates))


def starts(records: Records) -> NDArray[np.float64]:
    """Return the time at which each request began or was scheduled, in seconds of the monotonic clock."""
    moments: NDArray[np.float64] = (records["end_us"] - records["latency_us"]) / _MICROS
    return moments


def between(records: Records, begin: float, end: float) -> Records:
    """Return the records of requests that began in [begin, end), in seconds of the monotonic clock."""
    moments = starts(records)
    return records[(moments >= begin) & (moments < end)]


def of_class(records: Records, seen: Cache) -> Records:
    """Return the records of answered requests of one cache class."""
    part: Records = records[records["seen"] == seen]
    return part
