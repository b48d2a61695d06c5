"""Reading the unfinished work on the broker for metrics and statistics."""

import asyncio

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.fresh import Fresh
from shared.broker.keys import Keyspace
from shared.broker.scripts import work
from shared.broker.scripts.callers import run
from shared.broker.scripts.work import Work


class WorkReader:
    """Reads the unfinished work, at most once a second.

    Args:
        broker: client of the broker.
        keys: the service's key names.
        deadline: seconds from a request's arrival to its deadline.
        limit: longest wait for the broker, in seconds.
    """

    def __init__(self, broker: Redis, keys: Keyspace, deadline: float, limit: float) -> None:
        self._redis = broker
        self._keys = keys
        self._deadline = deadline
        self._limit = limit
        self._fresh = Fresh(self._ask)

    async def read(self) -> Work | None:
        """Return the unfinished work; None while the broker does not answer."""
        return await self._fresh.get()

    async def _ask(self) -> Work | None:
        try:
            async with asyncio.timeout(self._limit):
                return await run(self._redis.execute_command, work.read(self._keys, deadline=self._deadline))
        except (RedisError, OSError, TimeoutError):
            return None
