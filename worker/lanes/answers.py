"""The worker's access to the cache: answers are looked up before the inference and stored after it."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
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

    def send_lookup(self, keys: Sequence[str]) -> None:
        """Request the answers of some keys; `read_lookup` returns them, so that other commands can run in between."""
        if keys and self._up:
            try:
                self._send_mget(keys)
            except RedisTimeoutError as error:
                self._lose(error)
            except (RedisError, OSError):
                pass  # `read_lookup` requests them again, on a new connection

    def read_lookup(self, keys: Sequence[str]) -> list[Record | None]:
        """Return the answers of the keys in the last `send_lookup`; None for a missing one, or without a cache."""
        nothing: list[Record | None] = [None] * len(keys)
        if not keys or not self._up:
            return nothing
        try:
            values = self._last_reply(keys)
        except (RedisError, OSError) as error:
            self._lose(error)
            return nothing
        return [Record.stored(value) for value in values]

    def look_up(self, keys: Sequence[str]) -> list[Record | None]:
        """Return the answer of each key; None for a missing one, or if the cache does not answer."""
        self.send_lookup(keys)
        return self.read_lookup(keys)

    def store(self, answers: Mapping[str, Record]) -> None:
        """Send answers by key to the cache, without waiting for its replies."""
        if not self._up:
            return
        try:
            for key, record in answers.items():
                self._pipe.send("SET", self._keys.answer(key), record.encode(), "EX", self._ttl)
        except (RedisError, OSError) as error:
            self._lose(error)

    def _send_mget(self, keys: Sequence[str]) -> None:
        self._pipe.send("MGET", *map(self._keys.answer, keys))

    def _last_reply(self, keys: Sequence[str]) -> list[Any]:
        """Return the reply to the last MGET; the replies before it belong to `store`."""
        try:
            replies = self._pipe.collect()
        except RedisTimeoutError:
            raise  # no second wait for a cache that does not answer
        except (RedisError, OSError):
            replies = []
        if not replies:
            replies = self._pipe.exchange(lambda: self._send_mget(keys))
        values: list[Any] = replies[-1]
        return values

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
