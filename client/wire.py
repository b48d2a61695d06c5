"""Sending a request and reading its answer, with blocking or asynchronous I/O.

The code above this module is written once, as coroutines, for both clients. The coroutines of `SyncWire` block and
never suspend, so that `client.drive` can run all code above it without an event loop.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, Protocol

import httpx

from client.connection import Connection
from client.errors import ConnectionFailedError

_ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")
_SILENT: Final[Mapping[type[Exception], str]] = {
    httpx.ConnectTimeout: "no connection in time",
    httpx.ReadTimeout: "no answer in time",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request; each can be repeated safely, because it only reads, only computes, or has an idempotency key."""

    method: str
    path: str
    """Path with the query, relative to the base URL."""
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    """Seconds for which the service may delay its answer, by the query parameter `wait`."""
    request_id: str = field(default_factory=lambda: token_hex(16))
    """Id of the request, the same in all attempts."""

    @property
    def all_headers(self) -> dict[str, str]:
        """Headers of this request, in addition to those of the connection."""
        kind = {"Content-Type": "application/json"} if self.content is not None else {}
        return {"X-Request-ID": self.request_id, **kind, **self.headers}


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    request_id: str

    @classmethod
    def of(cls, call: Call, response: httpx.Response) -> "Reply":
        """Make a reply from a response of httpx that has been read completely."""
        identity = response.headers.get("x-request-id", call.request_id)
        return cls(str(response.url), response.status_code, response.headers, response.content, identity)


class Wire(Protocol):
    """Sends requests to one service."""

    async def send(self, call: Call, limit: float) -> Reply:
        """Send a request and return its answer.

        Args:
            call: the request.
            limit: most seconds for each step (the connection, each wait for bytes).

        Raises:
            ConnectionFailedError: there is no answer.
        """

    def stream(self, call: Call, limit: float) -> AsyncGenerator[Reply | bytes]:
        """Send a request, and yield the complete lines of its answer as they arrive, or the reply if it is an error."""

    async def pause(self, seconds: float) -> None:
        """Wait for some seconds."""


class SyncWire:
    """Sends requests with blocking I/O.

    Args:
        connection: address, headers, proxy and certificates.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._http, self._process = connection.open(), os.getpid()

    def _here(self) -> httpx.Client:
        """Return the HTTP client of this process; after a fork, a new one is made."""
        if self._process != os.getpid():
            self._http, self._process = self._connection.open(), os.getpid()
        return self._http

    def close(self) -> None:
        """Close the connections."""
        self._here().close()

    async def send(self, call: Call, limit: float) -> Reply:
        """See `Wire`."""
        try:
            response = self._here().request(
                call.method, call.path, content=call.content, headers=call.all_headers, timeout=limit
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _failed(self._connection.url, call, error) from None
        return Reply.of(call, response)

    async def stream(self, call: Call, limit: float) -> AsyncGenerator[Reply | bytes]:
        """See `Wire`."""
        try:
            with self._here().stream(call.method, call.path, headers=call.all_headers, timeout=limit) as response:
                if response.is_error:
                    response.read()
                    yield Reply.of(call, response)
                    return
                rest = b""
                for data in response.iter_bytes():
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        yield line
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _failed(self._connection.url, call, error) from None

    async def pause(self, seconds: float) -> None:
        """See `Wire`."""
        time.sleep(seconds)  # noqa: ASYNC251 - blocking is what this wire is for


class AsyncWire:
    """Sends requests with asyncio; each event loop has its own connections.

    Args:
        connection: address, headers, proxy and certificates.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._of_loops: dict[asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None]]] = {}

    async def _here(self) -> httpx.AsyncClient:
        """Return the HTTP client of the running event loop.

        An asynchronous generator keeps it open: when an event loop ends, it closes its open generators.
        """
        loop = asyncio.get_running_loop()
        if loop not in self._of_loops:
            self._of_loops = {other: kept for other, kept in self._of_loops.items() if not other.is_closed()}
            http = self._connection.open_async()
            keeper = _kept(http)
            await anext(keeper)
            self._of_loops[loop] = http, keeper
        return self._of_loops[loop][0]

    async def close(self) -> None:
        """Close the running loop's connections."""
        _, keeper = self._of_loops.pop(asyncio.get_running_loop(), (None, None))
        if keeper is not None:
            await keeper.aclose()

    async def send(self, call: Call, limit: float) -> Reply:
        """See `Wire`."""
        try:
            http = await self._here()
            response = await http.request(
                call.method, call.path, content=call.content, headers=call.all_headers, timeout=limit
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _failed(self._connection.url, call, error) from None
        return Reply.of(call, response)

    async def stream(self, call: Call, limit: float) -> AsyncGenerator[Reply | bytes]:
        """See `Wire`."""
        try:
            http = await self._here()
            async with http.stream(call.method, call.path, headers=call.all_headers, timeout=limit) as response:
                if response.is_error:
                    await response.aread()
                    yield Reply.of(call, response)
                    return
                rest = b""
                async for data in response.aiter_bytes():
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        yield line
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _failed(self._connection.url, call, error) from None

    async def pause(self, seconds: float) -> None:
        """See `Wire`."""
        await asyncio.sleep(seconds)


async def _kept(http: httpx.AsyncClient) -> AsyncGenerator[None]:
    """Keep an HTTP client open until the generator is closed."""
    try:
        yield
    finally:
        await http.aclose()


def _failed(url: str, call: Call, error: httpx.RequestError) -> ConnectionFailedError:
    reason = _ERRNO.sub("", str(error)).rstrip(".") or _SILENT.get(type(error), type(error).__name__)
    return ConnectionFailedError(url, reason, call.request_id)
