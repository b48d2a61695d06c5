"""Sending chunks again that make no progress.

Every worker's heartbeat does it, at most one in a second for the whole fleet: where nobody could run a chunk there is
nobody to send it again, and wherever somebody can, somebody sweeps. No process of its own can be down or forgotten,
and no job waits for its client to poll.
"""

import logging

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.broker.scripts import jobs
from shared.broker.scripts.callers import run_blocking

logger = logging.getLogger(__name__)

_LOST_MS = 10_000
"""A ticket that the line has passed for so long is lost; a worker holds one unbegun for the length of a chunk."""
_MOST = 200
_INTERVAL_MS = 900


class Sweeper:
    """Looks after the ledger of jobs.

    Args:
        broker: client of the broker; while it is away, nothing happens.
        keys: where the ledger is.
    """

    def __init__(self, broker: Redis, keys: Keyspace) -> None:
        self._broker = broker
        self._call = jobs.sweep(keys, lost=_LOST_MS, most=_MOST, interval=_INTERVAL_MS)

    def sweep(self) -> None:
        """Send again what is lost, unless another worker has just looked."""
        try:
            died, lost = run_blocking(self._broker, self._call)
        except (RedisError, OSError) as error:
            logger.debug("sweep missed", extra={"reason": type(error).__name__})
            return
        if died or lost:
            logger.warning("chunks sent again", extra={"died": died, "lost": lost})
