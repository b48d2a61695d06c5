"""Stored answers, as a worker sees them: looked up before work, written after it, done without when away."""

import logging
from collections.abc import Mapping, Sequence

from redis import Redis
from redis.exceptions import RedisError

from shared.keys import Keyspace

logger = logging.getLogger(__name__)


class AnswerStore:
    """The cache; no failure of it reaches the caller, and after one nobody waits for it until a probe has succeeded.

    Args:
        redis: client of the cache.
        keys: where answers live.
        ttl: life of a stored answer, in seconds.
    """

    def __init__(self, redis: Redis, keys: Keyspace, ttl: int) -> None:
        self._redis = redis
        self._keys = keys
        self._ttl = ttl
        self._up = True

    def look_up(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the answer of each key, None where there is none or the cache is away."""
        if not keys or not self._up:
            return [None] * len(keys)
        try:
            values = self._redis.mget([self._keys.answer(key) for key in keys])
        except (RedisError, OSError) as error:
            self._lose(error)
            return [None] * len(keys)
        return [value if isinstance(value, bytes) else None for value in values]

    def store(self, answers: Mapping[str, bytes]) -> None:
        """Store answers by key."""
        if not answers or not self._up:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for key, body in answers.items():
                    pipe.set(self._keys.answer(key), body, ex=self._ttl)
                pipe.execute()
        except (RedisError, OSError) as error:
            self._lose(error)

    def probe(self) -> None:
        """Look whether a cache that was away is back."""
        if self._up:
            return
        try:
            self._redis.ping()
        except (RedisError, OSError):
            return
        logger.info("cache is back")
        self._up = True

    def _lose(self, error: Exception) -> None:
        logger.warning("cache is away: computing without it", extra={"reason": type(error).__name__})
        self._up = False
