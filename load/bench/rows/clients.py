"""(a2) CPU of a hit by the way in which a client sends it: head and body in one segment, or one after the other."""

import asyncio
import http.client
import json
import socket
import time
from collections.abc import Callable
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, on_stack
from load.errors import BenchError
from load.generate.usage import cpu_seconds

_REQUESTS: Final = 8_000
_QUICK_REQUESTS: Final = 1_000
_LATER: Final = 0.0003
"""Seconds between head and body."""
_BODY: Final = json.dumps({"text": "The same sentence again, which the process holds."}).encode()
_JSON: Final = {"Content-Type": "application/json"}
_ONE: Final = "one segment"

Send = Callable[[], bytes]
"""Sends one request and returns the body of its answer."""


async def run(bench: Bench) -> Outcome:
    """Measure each way in turn, a few thousand requests one after the other."""

    async def work(stack: Stack) -> Outcome:
        costs: dict[str, list[float]] = {name: [] for name in _WAYS}
        count = _QUICK_REQUESTS if bench.quick else _REQUESTS
        for number in range(bench.runs):
            for name, own in costs.items():
                bench.say(f"{name}, run {number + 1} of {bench.runs}")
                own.append(await asyncio.to_thread(_cost, stack, _WAYS[name], count))
        return _outcome(costs)

    return await on_stack(bench, work, bench.compact_dir)


def _cost(stack: Stack, way: Callable[[str], Any], count: int) -> float:
    """Return the API's CPU for a request, in microseconds."""
    with way(f"{stack.base}/predict") as send:
        expected = send()
        before = cpu_seconds(stack.processes["api"])
        for _ in range(count):
            if (answer := send()) != expected:
                raise BenchError(f"a hit got another answer: {answer.decode(errors='replace')}")
        return (cpu_seconds(stack.processes["api"]) - before) / count * 1e6


def _outcome(costs: dict[str, list[float]]) -> Outcome:
    outcome = Outcome("CPU of a hit in the API, by how its client sends it")
    cost = {name: median(own) for name, own in costs.items()}
    for name, microseconds in cost.items():
        outcome.add(name, microseconds, "µs of CPU")
    for name in cost.keys() - {_ONE}:
        outcome.at_most(f"{name} / {_ONE}", cost[name] / cost[_ONE], "x", 1.3)
    outcome.data = dict(costs)
    return outcome


class _Segments:
    """A socket of its own; the body leaves with the head, or later.

    Args:
        url: of the predictions.
        later: seconds after which the body follows; None for one segment.
    """

    def __init__(self, url: str, later: float | None) -> None:
        address = urlsplit(url)
        self._head = (
            f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(_BODY)}\r\n\r\n"
        ).encode()
        self._later = later
        self._socket = socket.create_connection((address.hostname, address.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Send:
        return self._send

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _send(self) -> bytes:
        if self._later is None:
            self._socket.sendall(self._head + _BODY)
        else:
            self._socket.sendall(self._head)
            time.sleep(self._later)
            self._socket.sendall(_BODY)
        return self._read()

    def _read(self) -> bytes:
        answer = b""
        while True:
            answer += self._socket.recv(65536)
            head, end, body = answer.partition(b"\r\n\r\n")
            if end and len(body) == int(head.lower().partition(b"content-length:")[2].split(b"\r")[0]):
                return body


class _HttpClient:
    """The standard library's client."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._path = address.path
        self._connection = http.client.HTTPConnection(address.netloc)

    def __enter__(self) -> Send:
        return self._send

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _send(self) -> bytes:
        self._connection.request("POST", self._path, _BODY, _JSON)
        return self._connection.getresponse().read()


class _Httpx:
    """The client that the product's own is built on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client()

    def __enter__(self) -> Send:
        return self._send

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _send(self) -> bytes:
        return self._client.post(self._url, content=_BODY, headers=_JSON).content


_WAYS: Final[dict[str, Callable[[str], Any]]] = {
    _ONE: lambda url: _Segments(url, None),
    "body 0.3 ms later": lambda url: _Segments(url, _LATER),
    "http.client": _HttpClient,
    "httpx": _Httpx,
}
