"""The rows by name, in the order in which they run."""

from typing import Final

from load.bench.row import Row
from load.bench.rows import article, clients, cold_start, cost, hit_path, ideal, memory, miss_path, others, processes

ROWS: Final[dict[str, Row]] = {
    "a": hit_path.run,
    "a2": clients.run,
    "b": miss_path.run,
    "c": article.run,
    "c2": others.run,
    "d": cold_start.run,
    "f": processes.run,
    "g": cost.run,
    "h": ideal.run,
    # Last, because it takes ten minutes.
    "e": memory.run,
}
