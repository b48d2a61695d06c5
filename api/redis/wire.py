"""One connection to Redis, on hiredis."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError

from shared.broker.scripts.call import Argument

OnReply = Callable[[Any], None]
"""Takes a reply of RESP2; an error is an instance of `ResponseError`."""


class Wire(asyncio.Protocol):
    """An open connection.

    Commands of one turn of the event loop leave in one write.

    Args:
        on_reply: called with each reply, in order; an error of redis-py that it raises ends the connection.
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
        """Done when the connection has ended."""

    def send(self, *command: Argument) -> None:
        """Send a command.

        Raises:
            ConnectionError: of redis-py, the connection has ended.
        """
        if self.lost.done():
            raise RedisConnectionError("the connection is lost")
        if not self._out:
            self.loop.call_soon(self._flush)
        self._out.append(hiredis.pack_command(command))  # type: ignore[arg-type]

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()
        self._end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Pass every complete reply on."""
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
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
    """Make the exception for a refusal, as redis-py does."""
    return NoScriptError(message) if message.startswith("NOSCRIPT") else ResponseError(message)
