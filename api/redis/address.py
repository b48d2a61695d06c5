"""Where a Redis is, and how to get in."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from redis.asyncio.connection import parse_url

from api.redis.wire import OnReply, Wire
from shared.process.settings import Settings


class Address:
    """Opens connections to one server.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads it.
        settings: whose certificates are trusted.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        given: dict[str, Any] = dict(parse_url(url))
        self._path = given.get("path")
        self._host, self._port = given.get("host", "localhost"), given.get("port", 6379)
        self._tls = _context(settings) if url.startswith("rediss://") else None
        self._entry: list[list[str]] = []
        if given.get("password"):
            user = [given["username"]] if given.get("username") else []
            self._entry.append(["AUTH", *user, given["password"]])
        if given.get("db"):
            self._entry.append(["SELECT", str(given["db"])])

    async def open(self, on_reply: OnReply, on_lost: Callable[[], None]) -> Wire:
        """Connect and log in.

        Raises:
            OSError: nobody listens there, or the certificate is not to be trusted.
            ResponseError: of redis-py, the server does not let us in.
        """
        loop = asyncio.get_running_loop()
        opening = _Opening(len(self._entry))

        def make() -> Wire:
            return Wire(opening.take, on_lost)

        if self._path:
            _, wire = await loop.create_unix_connection(make, self._path)
        else:
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


def _context(settings: Settings) -> ssl.SSLContext:
    """Verify certificate and host name, as everywhere else."""
    authorities = str(settings.redis_ca_file) if settings.redis_ca_file else None
    return ssl.create_default_context(cafile=authorities)
