"""Stored answers, as a worker sees them: looked up before work, written after it, done without when away."""

import logging
from collections.abc import Mapping, Sequence

from redis import Redis
from redis.exceptions import RedisError

from shared.keys import Keyspace

logger = logging.getLogger(__name__)


class AnswerStore:
    """The cache; no failure of it reaches the caller.

    Args:
        redis: client of the cache.
        keys: where answers live.
        ttl: life of a stored answer, in seconds.
    """

    def __init__(self, redis: Redis, keys: Keyspace, ttl: int) -> None:
        self._redis = redis
        self._keys = keys
        self._ttl = ttl

    def look_up(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the answer of each key, None where there is none or the cache is away."""
        if not keys:
            return []
        try:
            values = self._redis.mget([self._keys.answer(key) for key in keys])
        except (RedisError, OSError):
            return [None] * len(keys)
        return [value if isinstance(value, bytes) else None for value in values]

    def store(self, answers: Mapping[str, bytes]) -> None:
        """Store answers by key."""
        if not answers:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for key, body in answers.items():
                    pipe.set(self._keys.answer(key), body, ex=self._ttl)
                pipe.execute()
        except (RedisError, OSError) as error:
            logger.warning("answers not stored", extra={"reason": type(error).__name__, "texts": len(answers)})
