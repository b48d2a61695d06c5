"""Opening and authenticating a pipelined connection."""

import asyncio
from collections.abc import Callable
from typing import Any

from api.redis.wire import OnReply, Wire
from shared.broker.connect import Server


class Address:
    """Opens connections to one server.

    Args:
        server: the server.
    """

    def __init__(self, server: Server) -> None:
        url = server.url
        self._host, self._port, self._tls = url.host, url.port, server.tls_context()
        self._entry: list[list[str]] = []
        if url.user or url.password:
            self._entry.append(["AUTH", *([url.user] if url.user else []), url.password])
        if url.db:
            self._entry.append(["SELECT", str(url.db)])

    async def open(self, on_reply: OnReply, on_lost: Callable[[], None]) -> Wire:
        """Connect and log in.

        Raises:
            OSError: no server listens there, or its certificate is not trusted.
            ResponseError: of redis-py, the server refuses user or password.
        """
        loop = asyncio.get_running_loop()
        opening = _Opening(len(self._entry))

        def make() -> Wire:
            return Wire(opening.take, on_lost)

        _, wire = await loop.create_connection(make, self._host, self._port, ssl=self._tls)
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
    """Takes the replies to the commands that log in."""

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
