"""Sending the chunks again that make no progress.

Every worker's heartbeat calls it; for the whole fleet it runs at most once a second. The workers do it because without
a worker no chunk could run anyway: so there is no further process to operate, and no job waits for its client to poll.
"""

import logging

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.broker.scripts import jobs
from shared.broker.scripts.callers import run_blocking

logger = logging.getLogger(__name__)

_LOST_MS = 10_000
"""Ms after which a ticket that later ones have overtaken is lost; a worker holds one for a chunk's time at most."""
_MOST = 200
"""Most lost tickets that one sweep sends again."""
_INTERVAL_MS = 900
"""Milliseconds between two sweeps of the fleet: less than the time between two beats."""


class Sweeper:
    """Calls the sweep of the ledger.

    Args:
        broker: client of the broker; while that is away, sweeps are skipped.
        keys: where the ledger is.
    """

    def __init__(self, broker: Redis, keys: Keyspace) -> None:
        self._broker = broker
        self._call = jobs.sweep(keys, lost=_LOST_MS, most=_MOST, interval=_INTERVAL_MS)

    def sweep(self) -> None:
        """Send lost chunks again, unless another worker has just done it."""
        try:
            died, lost = run_blocking(self._broker, self._call)
        except (RedisError, OSError) as error:
            logger.debug("sweep missed", extra={"reason": type(error).__name__})
            return
        if died or lost:
            logger.warning("chunks sent again", extra={"died": died, "lost": lost})
