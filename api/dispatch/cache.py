"""The two caches of answers: this process's own, and the one in Redis, which may be away."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence

from redis.exceptions import RedisError

from api.metrics.tallies import Tallies
from api.redis.link import Link
from shared.broker.keys import Keyspace

logger = logging.getLogger(__name__)

_PROBE_SECONDS = 0.5


class LocalCache:
    """The most recently used answers by key. An answer for a key never changes, so nothing is invalidated.

    Args:
        capacity: most entries; the least recently used one goes first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> bytes | None:
        """Look an answer up and remember that it was wanted."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep an answer."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)


class AnswerCache:
    """Answers by key. Redis fails open: while it is away, lookups find what this process holds.

    A lookup that times out wakes the probe; once the probe fails too, no request asks Redis until it is back.

    Args:
        link: to the cache instance.
        keys: where answers live.
        local: this process's own answers.
        limit: longest wait for one command, in seconds.
        tallies: where failures are counted.
    """

    def __init__(self, link: Link, keys: Keyspace, local: LocalCache, limit: float, tallies: Tallies) -> None:
        self._link = link
        self._keys = keys
        self._local = local
        self._limit = limit
        self._tallies = tallies
        self._doubt = asyncio.Event()
        self.up = True
        """Whether Redis answered the last probe."""

    def get_local(self, key: str) -> bytes | None:
        """Look one key up in this process alone."""
        return self._local.get(key)

    def keep(self, key: str, value: bytes) -> None:
        """Remember an answer in this process; the worker stores it in Redis."""
        self._local.put(key, value)

    async def get_remote(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Look keys up in Redis with one MGET, and remember what it knows.

        Returns:
            The answers that were found; none while Redis is away.
        """
        if not self.up:
            return {}
        try:
            async with asyncio.timeout(self._limit):
                values = await self._link.call("MGET", *map(self._keys.answer, keys))
        except (RedisError, OSError, TimeoutError):
            self._tallies.cache_errors += 1
            self._doubt.set()
            return {}
        found = {key: value for key, value in zip(keys, values, strict=True) if isinstance(value, bytes)}
        for key, value in found.items():
            self._local.put(key, value)
        return found

    async def probe(self) -> None:
        """Ask Redis for a sign of life, and say once when it goes or comes back."""
        try:
            async with asyncio.timeout(2 * self._limit):
                await self._link.call("PING")
            up = True
        except (RedisError, OSError, TimeoutError):
            up = False
        if up != self.up:
            logger.warning("cache is %s", "back" if up else "away: answering without it")
        self.up = up

    async def watch(self) -> None:
        """Probe for ever: regularly, and at once when a lookup has failed."""
        while True:
            self._doubt.clear()
            await self.probe()
            try:
                async with asyncio.timeout(_PROBE_SECONDS):
                    await self._doubt.wait()
            except TimeoutError:
                continue
