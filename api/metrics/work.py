"""The unfinished work on the broker, read once for each scrape."""

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
        keys: where things live.
        deadline: seconds that a synchronous request has; the backlog is ordered by its end.
        limit: longest wait, in seconds.
    """

    def __init__(self, broker: Redis, keys: Keyspace, deadline: float, limit: float) -> None:
        self._redis = broker
        self._keys = keys
        self._deadline = deadline
        self._limit = limit
        self._fresh = Fresh(self._ask)

    async def read(self) -> Work | None:
        """Return the work; None while the broker is away."""
        return await self._fresh.get()

    async def _ask(self) -> Work | None:
        try:
            async with asyncio.timeout(self._limit):
                return await run(self._redis.execute_command, work.read(self._keys, deadline=self._deadline))
        except (RedisError, OSError, TimeoutError):
            return None
