"""The two caches of answers: one in this process's memory, and one in Redis, which may be unavailable."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence, Set
from typing import Final

from redis.exceptions import RedisError

from api.metrics.tallies import Tallies
from api.redis.link import Link
from shared.broker.keys import Keyspace
from shared.contract.record import Record

logger = logging.getLogger(__name__)

_PROBE_SECONDS = 0.5
_ENTRY_BYTES: Final = 512
"""Bytes of a record that an entry of this process's memory may take on average; a record of two labels has 110."""
_NOTHING: Final = Record(b"")


class LocalCache:
    """The most recently used answers by key. The answer of a key never changes, so nothing is invalidated.

    Args:
        capacity: most entries, and 512 times as many bytes of records; after that the least recently used are deleted.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._bytes = 0
        self._entries: OrderedDict[str, Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Record | None:
        """Return an answer, or None, and mark it as used."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: str, value: Record) -> None:
        """Store an answer."""
        self._bytes += _size(value) - _size(self._entries.get(key, _NOTHING))
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self._capacity or self._bytes > self._capacity * _ENTRY_BYTES:
            _, deleted = self._entries.popitem(last=False)
            self._bytes -= _size(deleted)


def _size(record: Record) -> int:
    return len(record.head) + len(record.body)


class AnswerCache:
    """Answers by key. While Redis does not answer, lookups find only the answers in this process's memory.

    A lookup that fails starts a probe. If the probe fails too, no lookup uses Redis until a later probe succeeds.

    Args:
        link: connection to the cache.
        keys: the service's key names.
        local: the answers in this process's memory.
        tallies: counts the failures.
    """

    def __init__(self, link: Link, keys: Keyspace, local: LocalCache, tallies: Tallies) -> None:
        self._link = link
        self._keys = keys
        self._local = local
        self._tallies = tallies
        self._probe_now = asyncio.Event()
        self.up = True
        """Whether Redis answered the last probe."""

    def get_local(self, key: str) -> Record | None:
        """Return the answer of a key from this process's memory, or None."""
        return self._local.get(key)

    def keep(self, key: str, value: Record) -> None:
        """Store an answer in this process's memory; the worker stores it in Redis."""
        self._local.put(key, value)

    async def get_remote(self, keys: Sequence[str]) -> dict[str, Record]:
        """Look keys up in Redis with one MGET, and store the found answers in this process's memory.

        Returns:
            The answers that were found, by key; none while Redis does not answer.
        """
        found = await self._read(keys)
        for key, value in found.items():
            self._local.put(key, value)
        return found

    async def find(self, keys: Sequence[str]) -> Set[str]:
        """Return those keys that Redis has; none while it does not answer."""
        return (await self._read(keys)).keys()

    async def _read(self, keys: Sequence[str]) -> dict[str, Record]:
        if not self.up:
            return {}
        try:
            values = await self._link.call("MGET", *map(self._keys.answer, keys))
        except (RedisError, OSError, TimeoutError):
            self._tallies.cache_errors += 1
            self._probe_now.set()
            return {}
        stored = [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
        return {key: record for key, value in stored if (record := Record.stored(value)) is not None}

    async def probe(self) -> None:
        """Send a PING to Redis, set `up`, and log a change of it."""
        try:
            await self._link.call("PING")
            up = True
        except (RedisError, OSError, TimeoutError):
            up = False
        if up != self.up:
            logger.warning("cache is %s", "back" if up else "away: answering without it")
        self.up = up

    async def watch(self) -> None:
        """Probe in an endless loop: every half second, and at once when a lookup has failed."""
        while True:
            self._probe_now.clear()
            await self.probe()
            try:
                async with asyncio.timeout(_PROBE_SECONDS):
                    await self._probe_now.wait()
            except TimeoutError:
                continue
