"""Connections that leave a server that refuses writes, or that another server has replaced as the primary.

They are redis-py's. A server refuses writes because it has become a replica or has lost its replicas. A server that is
cut off refuses nothing and answers nothing, so its connections are ended when the Sentinels name another one.
"""

import os
import socket
from contextlib import suppress
from threading import Lock
from typing import Any, Final
from weakref import WeakSet

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, ResponseError

from shared.broker.url import Sentinels

_REFUSALS: Final = ("READONLY", "NOREPLICAS")
_LEFT: Final = "the server takes no writes any more"


def refuses_writes(error: object) -> bool:
    """Return True for the error of a server that is a replica, or has too few replicas to accept a write.

    Redis before version 7 quotes the error of a command inside the error of its script.
    """
    return isinstance(error, ReadOnlyError) or (
        isinstance(error, ResponseError) and any(word in str(error) for word in _REFUSALS)
    )


class DirectConnection(redis.Connection):
    """A connection that ends when the server refuses writes; the next one looks its address up again."""

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Read a reply.

        Raises:
            ConnectionError: (of redis-py) the server refuses writes.
        """
        try:
            return super().read_response(*args, **kwargs)
        except ResponseError as error:
            if not refuses_writes(error):
                raise
            self.disconnect()  # type: ignore[no-untyped-call]
            raise RedisConnectionError(_LEFT) from None


class DirectSSLConnection(DirectConnection, redis.SSLConnection):
    """The same with TLS."""


class PrimaryConnection(DirectConnection, redis.sentinel.SentinelManagedConnection):
    """The same to the primary; the next one asks the Sentinels. Another thread may end it by `end_others`."""

    _ended: Any = None
    """The socket that has been ended."""

    def connect_to(self, address: tuple[str, int]) -> None:
        """Connect to a server."""
        with _open.lock:
            _open.connections.add(self)
        super().connect_to(address)  # type: ignore[no-untyped-call]

    def end_unless(self, group: Sentinels, primary: tuple[str, int]) -> bool:
        """End the connection if it is one of a group's to another server; return True if it has been ended.

        A thread that waits for a reply gets a `ConnectionError` at once. The socket is not closed here, because its own
        thread may be using it.
        """
        sock: Any = self._sock
        if sock is None or sock is self._ended or self.connection_pool.sentinel_manager.group != group:
            return False
        if (self.host, self.port) == primary:
            return False
        self._ended = sock
        with suppress(OSError):  # it has been lost
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS's own would change the state that its thread uses
        return True


class PrimarySSLConnection(PrimaryConnection, redis.SSLConnection):
    """The same with TLS."""


class AsyncDirectConnection(redis.asyncio.Connection):
    """As `DirectConnection`, for asyncio."""

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Read a reply.

        Raises:
            ConnectionError: (of redis-py) the server refuses writes.
        """
        try:
            return await super().read_response(*args, **kwargs)
        except ResponseError as error:
            if not refuses_writes(error):
                raise
            await self.disconnect()
            raise RedisConnectionError(_LEFT) from None


class AsyncDirectSSLConnection(AsyncDirectConnection, redis.asyncio.SSLConnection):
    """The same with TLS."""


class AsyncPrimaryConnection(AsyncDirectConnection, redis.asyncio.sentinel.SentinelManagedConnection):
    """The same to the primary."""


class AsyncPrimarySSLConnection(AsyncPrimaryConnection, redis.asyncio.SSLConnection):
    """The same with TLS."""


class _Open:
    """The connections of this process to primaries, as far as they are not asyncio's."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all connections; after a fork they are the parent's, and another thread of it may have the lock."""
        self.lock = Lock()
        self.connections: WeakSet[PrimaryConnection] = WeakSet()


_open: Final = _Open()
os.register_at_fork(after_in_child=_open.forget)


def end_others(group: Sentinels, primary: tuple[str, int]) -> int:
    """End the connections of this process to servers of a group that are not its primary, and return their number."""
    with _open.lock:
        connections = list(_open.connections)
    return sum(connection.end_unless(group, primary) for connection in connections)
