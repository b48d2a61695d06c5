"""A conversation over a bare socket: bytes sent in segments, answers read one by one."""

import socket
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httpx

from tests.support.plain import NO_CERTIFICATES
from tests.support.service import Api


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Conversation:
    """One connection to an API process."""

    def __init__(self, api: Api) -> None:
        self._api = api
        address = urlsplit(api.url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *segments: bytes) -> None:
        """Send segments, each of which the process has read before the next one leaves."""
        for number, segment in enumerate(segments):
            if number:
                # The process has one event loop: what arrived before this request was read before its answer.
                httpx.get(f"{self._api.url}/livez", verify=NO_CERTIFICATES)
            self._socket.sendall(segment)

    def answer(self, *, head_only: bool = False) -> Answer | None:
        """Read an answer; None if the connection has ended. A 100 is skipped."""
        line = self._file.readline()
        if not line:
            return None
        status, headers = int(line.split()[1]), {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            assert name.lower() not in headers, name
            headers[name.lower()] = value.strip()
        if status == 100:
            return self.answer(head_only=head_only)
        length = 0 if head_only or status == 304 else int(headers.get("content-length", 0))
        return Answer(status, headers, self._file.read(length))

    def goes_on(self) -> bool:
        """Whether the connection answers one more request, with the answer to that and nothing else before it."""
        try:
            self._socket.sendall(b"GET /livez HTTP/1.1\r\nHost: test\r\nX-Request-ID: the-next-one\r\n\r\n")
            answer = self.answer()
        except ConnectionError:
            return False
        if answer is None:
            return False
        assert answer.headers["x-request-id"] == "the-next-one", answer
        return True
