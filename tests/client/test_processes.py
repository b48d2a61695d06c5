"""The library in forked processes, threads and event loops, and behind gateways."""

import asyncio
import gc
import multiprocessing
import re
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from client import (
    AsyncSentimentClient,
    Prediction,
    RateLimitedError,
    SentimentClient,
    SentimentError,
    TextFailure,
    UnavailableError,
)
from tests.client.both import CLIENTS, predicted
from tests.support.cutter import cutter
from tests.support.service import Api
from tests.support.waiting import wait_for

FILES = Path("/proc/self/fd")


def ask(client: SentimentClient, name: str, results: Any) -> None:
    results.put([client.predict(f"{name} {i}").label for i in range(30)])


def test_a_fork_does_not_share_connections(api: Api) -> None:
    """Two processes on one connection would read each other's answers."""
    with cutter(api.port) as proxy, SentimentClient(proxy.url) as client:
        client.predict("before the fork")
        context = multiprocessing.get_context("fork")
        results = context.SimpleQueue()
        child = context.Process(target=ask, args=(client, "child", results))
        child.start()
        mine = [client.predict(f"parent {i}") for i in range(30)]
        theirs = results.get()
        child.join(60)
        assert mine == [predicted(f"parent {i}") for i in range(30)]
        assert theirs == [predicted(f"child {i}").label for i in range(30)]
        assert proxy.accepted == 2, "one connection for each process"


def limited(url: str, name: str) -> str:
    """Raise the service's refusal, or return the label."""
    with SentimentClient(url) as client:
        return client.predict(name, timeout=1).label


def test_a_pool_of_processes_raises_what_its_children_raise(api: Api) -> None:
    with refusing(429, b"<html>slow down</html>") as url, multiprocessing.get_context("fork").Pool(2) as pool:
        with pytest.raises(RateLimitedError) as caught:
            pool.starmap(limited, [(url, "a"), (url, "b")])
        assert (caught.value.status, caught.value.code) == (429, "http-429")
        assert pool.apply(limited, (api.url, "after")) == predicted("after").label


def test_threads_share_a_client(api: Api) -> None:
    texts = [f"thread {i}" for i in range(200)]
    with SentimentClient(api.url, timeout=60) as client, ThreadPoolExecutor(16) as threads:
        assert list(threads.map(client.predict, texts)) == [predicted(text) for text in texts]


def test_several_event_loops_one_after_another(api: Api) -> None:
    client = AsyncSentimentClient(api.url)

    async def several(name: str) -> list[Prediction]:
        return [await client.predict(f"{name} {i}") for i in range(5)]

    for name in ("first loop", "second loop", "third loop"):
        assert asyncio.run(several(name)) == [predicted(f"{name} {i}") for i in range(5)]


def test_a_loop_leaves_no_connection_open(api: Api) -> None:
    client = AsyncSentimentClient(api.url)
    gc.collect()  # files of earlier tests in this process
    before = len(list(FILES.iterdir()))
    for i in range(3):
        asyncio.run(client.predict(f"loop {i}"))
    assert len(list(FILES.iterdir())) == before


def test_several_event_loops_at_once(api: Api) -> None:
    client = AsyncSentimentClient(api.url, timeout=60)

    def loop(name: str) -> list[Prediction]:
        async def several() -> list[Prediction]:
            return await asyncio.gather(*(client.predict(f"{name} {i}") for i in range(20)))

        return asyncio.run(several())

    names = [f"loop {i} at once" for i in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(loop, names)) == [[predicted(f"{name} {i}") for i in range(20)] for name in names]


def message(connection: socket.socket) -> bytes:
    """Read one message of HTTP, whose length its head gives."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while len(body) < (int(found[1]) if found else 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Gateway:
    """A gateway that forgets idle connections: it resets one when the next request comes on it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.resets = 0

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                inner, _ = self._listener.accept()
                threading.Thread(target=self._one, args=(inner,), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _one(self, inner: socket.socket) -> None:
        with inner, socket.create_connection(("127.0.0.1", self._port)) as outer:
            outer.sendall(message(inner))
            inner.sendall(message(outer))
            if inner.recv(1):
                self.resets += 1
                inner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_gateway_that_resets_idle_connections(api: Api, kind: str) -> None:
    gateway = Gateway(api.port)
    threading.Thread(target=gateway.serve, daemon=True).start()
    with CLIENTS[kind](gateway.url) as client:
        for i in range(3):
            assert client.predict(f"idle {i}") == predicted(f"idle {i}")
            assert client.health().ok
        assert client.wait(client.submit(["idle job"]).id).ended
    gateway.close()
    assert gateway.resets >= 6


@contextmanager
def refusing(status: int, page: bytes, most: int = 0, url: str = "") -> Iterator[str]:
    """A proxy that answers large bodies with a page of its own, and forwards the others to `url`, if there is one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if len(body) > most or not url:
                self._answer(status, page, "text/html")
            else:
                self._forward(body)

        def do_GET(self) -> None:
            self._forward(None) if url else self._answer(status, page, "text/html")

        def _forward(self, body: bytes | None) -> None:
            kept = ("content-type", "accept", "idempotency-key")
            headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
            answer = httpx.request(self.command, f"{url}{self.path}", content=body, headers=headers, trust_env=False)
            self._answer(answer.status_code, answer.content, answer.headers["Content-Type"])

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("name", ["predict_many", "predict_in_jobs"])
def test_a_proxy_that_takes_small_bodies_only(api: Api, kind: str, name: str) -> None:
    page = b"<html><h1>413 Request Entity Too Large</h1></html>"
    texts = [f"small {i}" for i in range(100)]
    texts[40] = "too large " * 50
    with refusing(413, page, most=400, url=api.url) as url, CLIENTS[kind](url) as client:
        outcomes = list(getattr(client, name)(texts))
    failed = outcomes.pop(40)
    assert isinstance(failed, TextFailure)
    assert (failed.code, failed.index) == ("http-413", 40)
    assert outcomes == [predicted(text) for i, text in enumerate(texts) if i != 40]


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_proxy_that_cannot_reach_the_service(kind: str) -> None:
    with refusing(502, b"<html>bad gateway</html>") as url, CLIENTS[kind](url) as client:
        with pytest.raises(UnavailableError, match="HTTP 502") as caught:
            client.predict("x", timeout=0.3)
        assert caught.value.status == 502
        with pytest.raises(SentimentError):
            list(client.predict_many(["x"], timeout=0.3))


def test_the_first_answers_of_a_pool_are_its_own(api: Api) -> None:
    """Children of a pool use a client that their parent has made and used."""
    with SentimentClient(api.url) as client:
        client.predict("warm")
        context = multiprocessing.get_context("fork")
        results = context.SimpleQueue()
        children = [context.Process(target=ask, args=(client, f"child {i}", results)) for i in range(3)]
        for child in children:
            child.start()
        found = [results.get() for _ in children]
        for child in children:
            child.join(60)
        right = [[predicted(f"child {c} {i}").label for i in range(30)] for c in range(3)]
        assert sorted(found) == sorted(right)
        wait_for(lambda: all(child.exitcode == 0 for child in children), "the children to end")
