"""One request and its answer, by either kind of I/O.

Everything above this module is written once, as coroutines. Over `SyncWire` they never wait for an event loop: each of
its coroutines blocks and is done at its first step, so `client.drive` can run them without one.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, Protocol

import httpx

from client.errors import ConnectionFailedError

_ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")
_SILENT: Final[Mapping[type[Exception], str]] = {
    httpx.ConnectTimeout: "no connection in time",
    httpx.ReadTimeout: "no answer in time",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request; each of them may be repeated: reads, pure computations, and what carries an idempotency key."""

    method: str
    path: str
    """With its query, below the base URL."""
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    """Seconds for which the service may hold the answer back, as it was asked to."""
    request_id: str = field(default_factory=lambda: token_hex(16))
    """The same for every try."""

    @property
    def all_headers(self) -> dict[str, str]:
        """What is sent besides the client's own headers."""
        kind = {"Content-Type": "application/json"} if self.content is not None else {}
        return {"X-Request-ID": self.request_id, **kind, **self.headers}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    request_id: str

    @classmethod
    def of(cls, call: Call, response: httpx.Response) -> "Reply":
        """Take a response whose body has been read."""
        identity = response.headers.get("x-request-id", call.request_id)
        return cls(str(response.url), response.status_code, response.headers, response.content, identity)


class Wire(Protocol):
    """Requests to one service."""

    async def send(self, call: Call, limit: float) -> Reply:
        """Send a request; no step of it (connecting, each wait for bytes) may take longer than `limit` seconds.

        Raises:
            ConnectionFailedError: there is no answer.
        """

    def stream(self, call: Call, limit: float) -> AsyncGenerator[Reply | bytes]:
        """Send a request and give a refusal, or the complete lines of its answer as they come; raises as `send`."""

    async def pause(self, seconds: float) -> None:
        """Let time pass."""


class SyncWire:
    """Blocks.

    Args:
        http: knows the base URL and the client's own headers.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    async def send(self, call: Call, limit: float) -> Reply:
        """See `Wire`."""
        try:
            response = self._http.request(
                call.method, call.path, content=call.content, headers=call.all_headers, timeout=limit
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _failed(self._http.base_url, call, error) from None
        return Reply.of(call, response)

    async def stream(self, call: Call, limit: float) -> AsyncGenerator[Reply | bytes]:
        """See `Wire`."""
        try:
            with self._http.stream(call.method, call.path, headers=call.all_headers, timeout=limit) as response:
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
            raise _failed(self._http.base_url, call, error) from None

    async def pause(self, seconds: float) -> None:
        """See `Wire`."""
        time.sleep(seconds)  # noqa: ASYNC251 - blocking is what this wire is for


class AsyncWire:
    """Waits in the running event loop.

    Args:
        http: knows the base URL and the client's own headers.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, call: Call, limit: float) -> Reply:
        """See `Wire`."""
        try:
            response = await self._http.request(
                call.method, call.path, content=call.content, headers=call.all_headers, timeout=limit
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _failed(self._http.base_url, call, error) from None
        return Reply.of(call, response)

    async def stream(self, call: Call, limit: float) -> AsyncGenerator[Reply | bytes]:
        """See `Wire`."""
        try:
            async with self._http.stream(call.method, call.path, headers=call.all_headers, timeout=limit) as response:
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
            raise _failed(self._http.base_url, call, error) from None

    async def pause(self, seconds: float) -> None:
        """See `Wire`."""
        await asyncio.sleep(seconds)


def _failed(url: httpx.URL, call: Call, error: httpx.RequestError) -> ConnectionFailedError:
    reason = _ERRNO.sub("", str(error)).rstrip(".") or _SILENT.get(type(error), type(error).__name__)
    return ConnectionFailedError(str(url).rstrip("/"), reason, call.request_id)
