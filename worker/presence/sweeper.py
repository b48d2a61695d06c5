"""Sending chunks again that make no progress.

Every worker's heartbeat does it, at most one in a second for the whole fleet: where nobody could run a chunk there is
nobody to send it again, and wherever somebody can, somebody sweeps. No process of its own can be down or forgotten,
and no job waits for its client to poll.
"""

import logging

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.fleet import LIVE_MS
from shared.broker.keys import Keyspace
from shared.broker.scripts import Script
from shared.contract.jobs import script_keys
from shared.contract.messages import ticket_template

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
        self._keys = script_keys(keys)
        self._script = broker.register_script(Script.JOB_SWEEP.source)
        self._template = ticket_template()

    def sweep(self) -> None:
        """Send again what is lost, unless another worker has just looked."""
        try:
            died, lost = self._script(keys=self._keys, args=[self._template, LIVE_MS, _LOST_MS, _MOST, _INTERVAL_MS])
        except (RedisError, OSError) as error:
            logger.debug("sweep missed", extra={"reason": type(error).__name__})
            return
        if died or lost:
            logger.warning("chunks sent again", extra={"died": died, "lost": lost})
