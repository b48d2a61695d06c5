"""All rows, in one place: importing a module of rows enters them."""

from tests.faults.row import ROWS
from tests.faults.rows import broker, cache_and_api, command, hostile, lanes, overload, poison, workers

__all__ = ["MODULES", "ROWS"]

MODULES = (broker, cache_and_api, command, hostile, lanes, overload, poison, workers)
