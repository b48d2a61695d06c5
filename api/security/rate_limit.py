"""Quotas: a token bucket for each client, shared by all API processes."""

import asyncio
import math

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.broker.scripts.callers import run
from shared.broker.scripts.quota import Quota, take


class RateLimiter:
    """The buckets of all clients, which are in the cache; while it does not answer, all requests are allowed.

    Args:
        redis: client of the cache.
        keys: the service's key names.
        rate: requests per second that a client may send on average.
        burst: requests that it may send at once after a pause.
        limit: longest wait for Redis, in seconds.
    """

    def __init__(self, redis: Redis, keys: Keyspace, *, rate: float, burst: int, limit: float) -> None:
        self._redis = redis
        self._keys = keys
        self._rate = rate
        self._burst = burst
        self._limit = limit
        self.policy = f'"default";q={burst};w={max(1, math.ceil(burst / rate))}'.encode()
        """The ``RateLimit-Policy`` header (draft-ietf-httpapi-ratelimit-headers)."""

    async def take(self, client: str) -> Quota | None:
        """Count one request of a client, and return the state of its bucket; None while Redis does not answer."""
        try:
            async with asyncio.timeout(self._limit):
                call = take(self._keys, client=client, rate=self._rate, burst=self._burst)
                return await run(self._redis.execute_command, call)
        except (RedisError, OSError, TimeoutError):
            return None
