"""How often one client may ask: a token bucket for each, shared by all API processes."""

import asyncio
import math
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.broker.scripts import Script


class Quota(NamedTuple):
    """What is left of a client's bucket; times in seconds."""

    allowed: bool
    left: int
    next_token: float
    full_again: float


class RateLimiter:
    """Buckets in the cache Redis; while that is away everybody is let through.

    Args:
        redis: client of the cache.
        keys: where the buckets are.
        rate: requests a second that a client may make on average.
        burst: requests that it may make at once after a pause.
        limit: longest wait for Redis, in seconds.
    """

    def __init__(self, redis: Redis, keys: Keyspace, *, rate: float, burst: int, limit: float) -> None:
        self._script = redis.register_script(Script.RATE.source)
        self._keys = keys
        self._rate = rate
        self._burst = burst
        self._limit = limit
        self.policy = f'"default";q={burst};w={max(1, math.ceil(burst / rate))}'.encode()
        """The ``RateLimit-Policy`` header (draft-ietf-httpapi-ratelimit-headers)."""

    async def take(self, client: str) -> Quota | None:
        """Count one request of a client; None while Redis is away."""
        try:
            async with asyncio.timeout(self._limit):
                reply = await self._script(keys=[self._keys.quota(client)], args=[self._rate, self._burst])
        except (RedisError, OSError, TimeoutError):
            return None
        allowed, left, next_token, full = reply
        return Quota(bool(allowed), left, next_token / 1000, full / 1000)
