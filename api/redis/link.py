"""Pipelined connections to Redis with hiredis: a connection, its opening, and a client whose callers share it."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError

from shared.broker.connect import Server
from shared.broker.connections import refuses_writes
from shared.broker.scripts.call import Argument

OnReply = Callable[[Any], None]
"""Handles a reply of RESP2; an error reply is an instance of `ResponseError`."""
_READ_SECONDS: Final = 0.001
"""Time for reading what has arrived: the event loop runs late timers before it reads."""


class Wire(asyncio.Protocol):
    """An open connection.

    All commands that are sent during one iteration of the event loop are written at once.

    Args:
        on_reply: called with each reply, in order; if it raises an error of redis-py, the connection ends.
        on_lost: called once when the connection has ended.
    """

    def __init__(self, on_reply: OnReply, on_lost: Callable[[], None]) -> None:
        self.on_reply = on_reply
        self._on_lost = on_lost
        self.loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=_error)
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self.lost = self.loop.create_future()
        """A future that is done when the connection has ended."""

    def send(self, *command: Argument) -> None:
        """Send a command.

        Raises:
            ConnectionError: (of redis-py) the connection has ended.
        """
        if self.lost.done():
            raise RedisConnectionError("the connection is lost")
        if not self._out:
            self.loop.call_soon(self._flush)
        self._out.append(hiredis.pack_command(command))  # type: ignore[arg-type]

    def abort(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()
        self._end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse data, and call `on_reply` with every complete reply."""
        try:
            self._reader.feed(data)
            while not self.lost.done() and (reply := self._reader.gets()) is not False:
                self.on_reply(reply)
        except (hiredis.ProtocolError, RedisError):
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """Report the end of the connection."""
        self._end()

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None and not self.lost.done():
            self._transport.writelines(out)

    def _end(self) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
            self._on_lost()


def _error(message: str) -> ResponseError:
    """Return the exception for an error reply, of the same class as in redis-py."""
    return NoScriptError(message) if message.startswith("NOSCRIPT") else ResponseError(message)


class Address:
    """Opens connections to one server. It must be created inside the running event loop.

    Args:
        server: the server.
    """

    def __init__(self, server: Server) -> None:
        url = server.url
        self._find, self._tls = server.finder(), server.tls_context()
        self._entry: list[list[str]] = []
        if url.user or url.password:
            self._entry.append(["AUTH", *([url.user] if url.user else []), url.password])
        if url.db:
            self._entry.append(["SELECT", str(url.db)])

    async def open(self, on_reply: OnReply, on_lost: Callable[[], None]) -> Wire:
        """Open a connection, and send user, password and database.

        Raises:
            OSError: no server listens there, or its certificate is not trusted.
            ConnectionError: (of redis-py) no Sentinel knows a primary.
            ResponseError: the server refuses user or password.
        """
        loop = asyncio.get_running_loop()
        opening = _Opening(len(self._entry))

        def make() -> Wire:
            return Wire(opening.take, on_lost)

        host, port = await self._find()
        _, wire = await loop.create_connection(make, host, port, ssl=self._tls)
        try:
            for command in self._entry:
                wire.send(*command)
            await asyncio.wait([opening.done, wire.lost], return_when=asyncio.FIRST_COMPLETED)
            if not opening.done.done():
                raise OSError("the connection was lost while logging in")
            opening.done.result()
            wire.on_reply = on_reply
        except BaseException:
            wire.abort()
            raise
        return wire


class _Opening:
    """Receives the replies to the first commands of a connection: user and password, database."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not expected:
            self.done.set_result(None)

    def take(self, reply: Any) -> None:
        self._expected -= 1
        if self.done.done():
            return
        if isinstance(reply, Exception):
            self.done.set_exception(reply)
        elif not self._expected:
            self.done.set_result(None)


class Link:
    """A client whose callers share a connection; each sends without waiting for the replies to others.

    The connection ends if a reply does not come in time, because it may be dead, and if the server refuses writes,
    because it has become a replica. The next connection may find another server.

    Args:
        address: address of the server.
        limit: longest wait for a reply, in seconds.
    """

    def __init__(self, address: Address, limit: float) -> None:
        self._address = address
        self._limit = limit
        self._wire: Wire | None = None
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        """The futures of the next replies, and the times of the event loop until which they must come."""
        self._timer: asyncio.TimerHandle | None = None
        self._opening = asyncio.Lock()

    async def call(self, *command: Argument) -> Any:
        """Send a command and return its reply.

        Raises:
            RedisError: the server returned an error, or the connection was lost.
            OSError: no connection can be opened.
            TimeoutError: the reply did not come in time.
        """
        loop, wire = asyncio.get_running_loop(), self._wire
        due = loop.time() + self._limit
        if wire is None:
            async with asyncio.timeout_at(due):
                wire = await self._open()
        reply: asyncio.Future[Any] = loop.create_future()
        wire.send(*command)
        self._waiting.append((reply, due))
        if self._timer is None:  # one timer for all replies, because almost all of them come in time
            self._timer = loop.call_at(due, self._check, wire)
        return await reply

    def close(self) -> None:
        """Close the connection; a later call opens a new one."""
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

    def _check(self, wire: Wire, *, again: bool = False) -> None:
        """End a connection with an overdue reply.

        If this process has been delayed, replies may have arrived but not been read, so it looks twice.
        """
        self._timer = None
        if wire is not self._wire or not self._waiting:
            return
        now, first = wire.loop.time(), self._waiting[0][1]
        if first > now:
            self._timer = wire.loop.call_at(first, self._check, wire)
        elif not again:
            self._timer = wire.loop.call_later(_READ_SECONDS, partial(self._check, wire, again=True))
        else:
            for reply, due in self._waiting:
                if due <= now and not reply.done():
                    reply.set_exception(TimeoutError("no reply in time"))
            wire.abort()

    def _take(self, reply: Any) -> None:
        future, _ = self._waiting.popleft()
        error = reply if isinstance(reply, RedisError) else None
        if error and self._wire is not None and refuses_writes(error):
            self._wire.abort()
        if future.done():
            return
        if error:
            future.set_exception(error)
        else:
            future.set_result(reply)

    def _lose(self) -> None:
        self._wire = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, deque()
        for future, _ in waiting:
            if not future.done():
                future.set_exception(RedisConnectionError("the connection was lost"))
