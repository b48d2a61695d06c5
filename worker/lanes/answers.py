"""The worker's access to the cache: answers are looked up before the inference and stored after it."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.broker.keys import Keyspace
from shared.contract.record import Record
from shared.process import metrics
from worker.lanes.pipe import Pipe
from worker.presence.metrics import Counts

logger = logging.getLogger(__name__)


class AnswerStore:
    """The cached answers. Its failures are not raised; after a failure, it is not used until a probe has succeeded.

    Args:
        redis: client of the cache.
        keys: the service's key names.
        ttl: time to live of a stored answer, in seconds.
        counts: counts the failures of the cache.
    """

    def __init__(self, redis: Redis, keys: Keyspace, ttl: int, counts: Counts) -> None:
        self._redis = redis
        self._pipe = Pipe(redis)
        self._keys = keys
        self._ttl = ttl
        self._counts = counts
        self._up = True

    def look_up(self, keys: Sequence[str]) -> list[Record | None]:
        """Return the answer of each key; None for a missing one, or if the cache does not answer."""
        nothing: list[Record | None] = [None] * len(keys)
        if not keys or not self._up:
            return nothing
        try:
            values = self._read(keys)
        except (RedisError, OSError) as error:
            self._lose(error)
            return nothing
        return [Record.stored(value) for value in values]

    def _read(self, keys: Sequence[str]) -> list[Any]:
        def send() -> None:
            self._pipe.send("MGET", *map(self._keys.answer, keys))

        try:
            send()
            replies = self._pipe.collect()
        except RedisTimeoutError:
            raise  # no second wait for a cache that does not answer
        except (RedisError, OSError):
            replies = self._pipe.exchange(send)
        values: list[Any] = replies[-1]  # those before it belong to `store`
        return values

    def store(self, answers: Mapping[str, Record]) -> None:
        """Send answers by key to the cache in one write, without waiting for its replies."""
        if not self._up or not answers:
            return
        try:
            with suppress(ResponseError):  # the last answers were refused
                self._pipe.collect()
            name = self._keys.answer
            self._pipe.send_all(
                [("SET", name(key), record.encode(), "EX", self._ttl) for key, record in answers.items()]
            )
        except (RedisError, OSError) as error:
            self._lose(error)

    def probe(self) -> None:
        """Check whether a cache that did not answer is available again; the heartbeat calls this."""
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
        self._counts.record(metrics.STORE_ERRORS, 1)
