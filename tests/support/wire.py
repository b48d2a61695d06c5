"""A simple HTTP client on plain sockets for thousands of requests, for which a full client would be too slow."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

_PATH = "/project/predict"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; its time in seconds counts from the time at which the request was scheduled."""

    status: int
    seconds: float
    head: bytes
    body: bytes

    @property
    def hit(self) -> bool:
        return b"sentiment; hit" in self.head


def question(body: object, path: str = _PATH) -> bytes:
    """Return the bytes of a POST request."""
    data = json.dumps(body).encode()
    return b"POST %b HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        path.encode(),
        len(data),
        data,
    )


class Connection:
    """A connection that is kept alive, with one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, data: bytes, since: float | None = None) -> Reply:
        """Send the bytes of a request, and return the answer."""
        since = time.perf_counter() if since is None else since
        self._writer.write(data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        start = lowered.index(b"content-length:") + len(b"content-length:")
        body = await self._reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
        return Reply(int(head[9:12]), time.perf_counter() - since, head, body)

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def connections(url: str, count: int) -> AsyncIterator[list[Connection]]:
    """Open connections to the API."""
    address = urlsplit(url)
    opened = [
        Connection(*await asyncio.open_connection(address.hostname, address.port, limit=2**20)) for _ in range(count)
    ]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()


async def ask_each(url: str, questions: Sequence[bytes]) -> list[Reply]:
    """Send all requests at once, each on its own connection, and return the answers."""
    async with connections(url, len(questions)) as opened:
        return await asyncio.gather(*(c.ask(data) for c, data in zip(opened, questions, strict=True)))


async def closed_loop(url: str, questions: Iterable[bytes], count: int, seconds: float) -> list[Reply]:
    """Send requests on `count` connections for some seconds, and return the answers."""
    stream, end = iter(questions), time.perf_counter() + seconds
    replies: list[Reply] = []

    async def user(connection: Connection) -> None:
        while time.perf_counter() < end:
            replies.append(await connection.ask(next(stream)))

    async with connections(url, count) as opened:
        await asyncio.gather(*map(user, opened))
    return replies


def quantile(values: Iterable[float], share: float) -> float:
    """Return a quantile of values; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
