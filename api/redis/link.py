"""Commands over one pipelined connection, which is opened again after a loss."""

import asyncio
from collections import deque
from typing import Any, TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from api.redis.address import Address
from api.redis.wire import Wire
from shared.broker.scripts.call import Argument

T = TypeVar("T")


class Link:
    """A client whose callers share a connection; each sends without waiting for the replies to others.

    Args:
        address: the server's.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._wire: Wire | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._opening = asyncio.Lock()

    async def call(self, *command: Argument) -> Any:
        """Send a command and return its reply. The caller limits the time; when it cancels, the connection is dropped.

        Raises:
            RedisError: of redis-py, the server refuses, or the connection was lost.
            OSError: no connection can be opened.
        """
        wire = self._wire or await self._open()
        reply: asyncio.Future[Any] = wire.loop.create_future()
        wire.send(*command)
        self._waiting.append(reply)
        try:
            return await reply
        except asyncio.CancelledError:
            wire.abort()  # the outstanding reply would be taken for that of the next command
            raise

    def close(self) -> None:
        """Drop the connection; a later call opens a new one."""
        if self._wire is not None:
            self._wire.abort()

    async def _open(self) -> Wire:
        async with self._opening:
            if self._wire is None:
                wire = await self._address.open(self._take, self._lose)
                if wire.lost.done():
                    raise RedisConnectionError("the connection was lost at once")
                self._wire = wire
            return self._wire

    def _take(self, reply: Any) -> None:
        future = self._waiting.popleft()
        if future.done():
            return
        if isinstance(reply, RedisError):
            future.set_exception(reply)
        else:
            future.set_result(reply)

    def _lose(self) -> None:
        self._wire = None
        waiting, self._waiting = self._waiting, deque()
        for future in waiting:
            if not future.done():
                future.set_exception(RedisConnectionError("the connection was lost"))
