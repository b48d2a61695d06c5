"""The sweep: sending tickets again for chunks that make no progress.

The heartbeat of every model process calls it; for the whole fleet it runs at most once a second. It runs in the workers
because without a worker no chunk could run anyway; so no extra process is needed, and no client has to poll.
"""

import logging

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.broker.scripts import jobs
from shared.broker.scripts.callers import run_blocking

logger = logging.getLogger(__name__)

_LOST_MS = 10_000
"""Age in ms from which a ticket is lost if a later one has begun; a worker begins a ticket within a chunk's time."""
_MOST = 200
"""Most lost tickets that one sweep sends again."""
_INTERVAL_MS = 900
"""Milliseconds between two sweeps of the fleet: less than the time between two beats."""


class Sweeper:
    """Calls the sweep of the ledger.

    Args:
        broker: client of the broker; while it does not answer, sweeps are skipped.
        keys: the service's key names.
    """

    def __init__(self, broker: Redis, keys: Keyspace) -> None:
        self._broker = broker
        self._call = jobs.sweep(keys, lost=_LOST_MS, most=_MOST, interval=_INTERVAL_MS)

    def sweep(self) -> None:
        """Send tickets again, unless another process has just done it, and log their number."""
        try:
            died, lost = run_blocking(self._broker, self._call)
        except (RedisError, OSError) as error:
            logger.debug("sweep missed", extra={"reason": type(error).__name__})
            return
        if died or lost:
            logger.warning("chunks sent again", extra={"died": died, "lost": lost})
