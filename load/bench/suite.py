"""The rows by name, in the order in which they run."""

from typing import Final

from load.bench.row import Row
from load.bench.rows import (
    around,
    article,
    clients,
    cost,
    file,
    hit_path,
    ideal,
    miss_path,
    others,
    processes,
    protocols,
)
from load.bench.rows.resources import cold_start, growth, memory

ROWS: Final[dict[str, Row]] = {
    "a": hit_path.run,
    "a2": clients.run,
    "b": miss_path.run,
    "b2": around.run,
    "c": article.run,
    "c2": others.run,
    "d": cold_start.run,
    "e": memory.run,
    "e2": growth.run,
    "f": processes.run,
    "g": cost.run,
    "h": ideal.run,
    "i": file.run,
    "j": protocols.run,
}
ON_REQUEST: Final = {"e2"}
"""Rows that run only if they are named, because they take ten minutes."""
