"""Records made by hand."""

import numpy as np

from load.generate.records import RECORD, Cache, Records


def records(*rows: tuple[float, int, int, Cache]) -> Records:
    """Make records from (end in s, latency in µs, status, what the cache said), which was expected."""
    return np.array([(end * 1e6, micros, status, seen, seen) for end, micros, status, seen in rows], RECORD)
