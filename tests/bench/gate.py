"""An HTTP server that answers nobody until enough have asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Status: test; hit\r\n\r\n{}"


class Gate:
    """Opens for good when a number of requests are waiting.

    Args:
        waiting: how many; with 0 it is open.
        takes: the least seconds until an answer; they bound the rate, however fast the machine is.
    """

    def __init__(self, waiting: int = 0, takes: float = 0.0) -> None:
        self._waiting, self.takes = waiting, takes
        self._open = asyncio.Event()
        self.asked = 0
        self.base = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Gate"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/project"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
                self.asked += 1
                if self.asked >= self._waiting:
                    self._open.set()
                await self._open.wait()
                await asyncio.sleep(self.takes)
                writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
