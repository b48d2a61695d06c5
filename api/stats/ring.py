"""The ring of slots in the cache, which all API processes write and read."""

import asyncio
from collections.abc import Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.stats.clock import RedisClock
from api.stats.counts import COUNT, SLOTS, STEP_MS, SUM_COUNT
from shared.broker.keys import Keyspace
from shared.broker.scripts import stats
from shared.broker.scripts.callers import run


class Ring:
    """The counts of all processes, by slot.

    Args:
        redis: client of the cache.
        keys: the service's key names.
        clock: the clock that each reply of Redis corrects.
        limit: longest wait for Redis, in seconds.
    """

    def __init__(self, redis: Redis, keys: Keyspace, clock: RedisClock, limit: float) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._limit = limit

    async def add(self, counted: Mapping[int, Sequence[int]]) -> bool:
        """Add counts to slots; return False if Redis did not confirm it."""
        call = stats.add(self._keys, slots=SLOTS, step=STEP_MS, sums=SUM_COUNT, counted=counted)
        asked = self._clock.now()
        try:
            async with asyncio.timeout(self._limit):
                told = await run(self._redis.execute_command, call)
        except (RedisError, OSError, TimeoutError):
            return False
        self._clock.correct(told, asked)
        return True

    async def read(self, slots: range) -> dict[int, list[int]] | None:
        """Return the counts of those slots that have any, by slot; None while Redis does not answer."""
        try:
            async with asyncio.timeout(self._limit):
                values = await self._redis.hmget(self._keys.stats, [str(slot % SLOTS) for slot in slots])
        except (RedisError, OSError, TimeoutError):
            return None
        found = {}
        for slot, value in zip(slots, values, strict=True):
            number, *counts = map(int, value.split()) if value else (-1,)
            if number == slot and len(counts) == COUNT:
                found[slot] = counts
        return found
