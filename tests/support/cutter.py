"""A proxy that breaks connections to a real server."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHUNK = 4096


class Cutter:
    """Forwards connections to a port; the next `cuts` connections are closed after `after` bytes of their answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts = 0
        self.after = 0
        self.made = self.accepted = 0
        self.requests: list[str] = []
        """First line of each request."""
        self.wanted: Callable[[bytes], bool] = lambda _: True
        """Returns by the first bytes of a request whether it may be cut."""

    def serve(self) -> None:
        """Accept connections until the proxy is closed."""
        with suppress(OSError):
            while True:
                inner, _ = self._listener.accept()
                self.accepted += 1
                outer = socket.create_connection(("127.0.0.1", self._port))
                threading.Thread(target=self._forth, args=(inner, outer), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _forth(self, inner: socket.socket, outer: socket.socket) -> None:
        """Forward requests of a connection; for each request, a thread forwards the answer."""
        asked = [b""]
        threading.Thread(target=self._back, args=(inner, outer, asked), daemon=True).start()
        with suppress(OSError):
            while data := inner.recv(_CHUNK):
                if data.startswith((b"GET ", b"POST ", b"DELETE ")):
                    self.requests.append(data.split(b"\r\n")[0].decode())
                    asked[0] = data
                    asked.append(data)
                outer.sendall(data)
            outer.shutdown(socket.SHUT_WR)

    def _back(self, inner: socket.socket, outer: socket.socket, asked: list[bytes]) -> None:
        seen, requests = 0, 1
        with inner, outer, suppress(OSError):
            while data := outer.recv(_CHUNK):
                if len(asked) != requests:
                    seen, requests = 0, len(asked)
                seen += len(data)
                if self.cuts and self.wanted(asked[0]) and seen > self.after:
                    self.cuts -= 1
                    self.made += 1
                    inner.sendall(data[: len(data) - (seen - self.after)])
                    inner.shutdown(socket.SHUT_RDWR)  # a close would not end the other thread's read
                    return
                inner.sendall(data)


@contextmanager
def cutter(port: int) -> Iterator[Cutter]:
    """Run a proxy before a port inside the context."""
    proxy = Cutter(port)
    threading.Thread(target=proxy.serve, daemon=True).start()
    yield proxy
    proxy.close()
