"""Row 18: hostile and broken clients."""

import json
import resource
import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil

from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.rows import row
from tests.support.service import Api
from tests.support.waiting import wait_for


@row(
    18,
    "2 MiB body, JSON 1 M deep, NUL and lone surrogates, newlines in headers, slow-loris, 1,000 idle connections",
    "clear refusal or normal service, memory bounded, one log line a refusal",
)
def test_hostile_clients(run: Run) -> None:
    service = run.service
    service.start_worker()
    api = service.start_api(body_timeout="2")
    assert api.predict("before").status_code == 200
    before = psutil.Process(api.process.pid).memory_info().rss
    lines = len(api.process.output.splitlines())
    _refusals(api)
    wait_for(lambda: len(api.process.output.splitlines()) >= lines + 5, "the refusals to be logged")
    new = api.process.output.splitlines()[lines:]
    assert len(new) == 5, f"not one line a refusal: {new}"
    _slow_and_idle(run, api)
    grown = (psutil.Process(api.process.pid).memory_info().rss - before) / 2**20
    run.below("memory grown by MiB", grown, 64)
    assert "Traceback" not in api.process.output


def _refusals(api: Api) -> None:
    send = api.client.post
    url, kind = "/project/predict", {"Content-Type": "application/json"}
    large = send(url, content=b'{"text": "%b"}' % (b"x" * 2**21), headers=kind)
    deep = send(url, content=b"[" * 1_000_000, headers=kind)
    nested = send(url, content=b'{"text": ' + b"[" * 500_000 + b"]" * 500_000 + b"}", headers=kind)
    lone = send(url, content=b'{"text": "\\ud800"}', headers=kind)
    assert [r.status_code for r in (large, deep, nested, lone)] == [413, 422, 422, 422]
    for refusal in (large, deep, nested, lone):
        assert refusal.headers["content-type"] == "application/problem+json"
        assert len(refusal.content) < 2000
    nul = send(url, content=json.dumps({"text": "a \0 b"}), headers=kind)
    assert nul.json()["prediction"] == expected("a \0 b")
    assert _raw(api, b"GET /livez HTTP/1.1\r\nHost: t\r\nX-Request-ID: a\nInjected: b\0\r\n\r\n").startswith(
        b"HTTP/1.1 400"
    )


def _raw(api: Api, data: bytes) -> bytes:
    with _connect(api) as connection:
        connection.sendall(data)
        return connection.recv(4096)


def _connect(api: Api) -> socket.socket:
    address = urlsplit(api.url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=30)


def _slow_and_idle(run: Run, api: Api) -> None:
    count = run.size(1000, 200)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    with ExitStack() as stack:
        idle = [stack.enter_context(_connect(api)) for _ in range(count)]
        slow = [stack.enter_context(_connect(api)) for _ in range(50)]
        for connection in slow:
            connection.sendall(b"POST /project/predict HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n{")
        latencies = [api.predict(f"meanwhile {i}") for i in range(50)]
        assert [response.status_code for response in latencies] == [200] * 50
        run.within("served meanwhile, slowest", max(r.elapsed.total_seconds() for r in latencies), 1.8)
        for connection in slow:
            assert connection.recv(4096).startswith(b"HTTP/1.1 408"), "a body that never ends is not waited for"
    run.note(f"{len(idle)} idle and {len(slow)} slow connections")
