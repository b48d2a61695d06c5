"""Equal answers by the direct way and by the routes, and the requests that the direct way leaves to the routes."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.asking import expected
from tests.support.service import Api, Service
from tests.support.waiting import wait_for
from tests.support.wire import question

TEXT = "a sentence that everybody asks for"
RAISE = "raise-error"
CHANGING = {"date", "server-timing", "x-request-id"}
HIT = question({"text": TEXT})


@pytest.fixture(scope="module")
def warm(shared_service: Service, api: Api) -> Api:
    assert api.client.post("/project/predict", json={"text": TEXT}).status_code == 200
    return api


@pytest.fixture(scope="module")
def long_way(shared_service: Service, warm: Api) -> Api:
    """A process that logs every request, for which each goes through all of the application."""
    return shared_service.start_api(log_level="DEBUG")


class Socket:
    """A connection that shows what is sent and when."""

    def __init__(self, api: Api) -> None:
        address = urlsplit(api.url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=10)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int(self._file.readline().split()[1])
        headers = {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(": ")
            headers[name] = value.strip()
        return status, headers, self._file.read(int(headers.get("content-length", 0)))

    def ended(self) -> bool:
        return self._file.read(1) == b""


@pytest.fixture
def connection(warm: Api) -> Iterator[Socket]:
    opened = Socket(warm)
    with closing(opened.socket):
        yield opened


def is_hit(answer: tuple[int, dict[str, str], bytes]) -> bool:
    status, headers, body = answer
    assert status == 200
    assert json.loads(body) == {"prediction": expected(TEXT)}
    return headers["cache-status"] == "sentiment; hit"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/project/predict", {"text": TEXT}),
        ("/project/bulk-predict", {"text": [TEXT, TEXT]}),
        ("/project/bulk-predict", {"text": []}),
        ("/project/predict", {"text": 1}),
        ("/project/predict", {"text": "x" * 10_001}),
        ("/project/predict?a=b", {"text": TEXT}),
    ],
)
def test_both_ways_say_the_same(warm: Api, long_way: Api, path: str, body: Any) -> None:
    def ask(api: Api) -> tuple[int, dict[str, str], Any]:
        response = api.client.post(path, json=body, headers={"X-Request-ID": "mine"})
        assert response.headers["x-request-id"] == "mine"
        headers = {name: value for name, value in response.headers.items() if name not in CHANGING}
        return response.status_code, headers, response.json()

    assert ask(warm) == ask(long_way)


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [
        ("/project/predict", "a miss", 200),
        ("/project/bulk-predict", ["one miss", "another miss", TEXT], 200),
        ("/project/predict", f"{RAISE} alone", 500),
        ("/project/bulk-predict", [f"{RAISE} first", f"{RAISE} second"], 500),
        ("/project/bulk-predict", [f"{RAISE} once", "fine"], 200),
    ],
)
def test_both_ways_say_the_same_of_misses(warm: Api, long_way: Api, path: str, text: Any, status: int) -> None:
    def ask(api: Api, own: str) -> tuple[int, list[str], dict[str, str], Any]:
        texts = {"text": f"{text} {own}" if isinstance(text, str) else [f"{one} {own}" for one in text]}
        response = api.client.post(path, json=texts, headers={"X-Request-ID": "mine"})
        values = {name: value for name, value in response.headers.items() if name not in CHANGING}
        told = response.json() if status != 200 else None  # scores depend on the text
        return response.status_code, list(response.headers), {**values, "content-length": ""}, told

    short = ask(warm, "here")
    assert short[0] == status
    assert short == ask(long_way, "there")


def test_the_long_way_is_the_one_that_logs(long_way: Api) -> None:
    long_way.client.post("/project/predict", json={"text": TEXT})
    wait_for(lambda: '"message": "request"' in long_way.process.output, "the request to be logged")


def test_requests_in_one_packet_are_answered_in_order(connection: Socket) -> None:
    connection.send(HIT + question({"text": "one that must be computed"}) + HIT + HIT)
    assert is_hit(connection.answer())
    assert json.loads(connection.answer()[2]) == {"prediction": expected("one that must be computed")}
    assert is_hit(connection.answer())
    assert is_hit(connection.answer())


def test_a_body_that_comes_in_pieces(connection: Socket) -> None:
    for cut in (10, len(HIT) - 20, len(HIT) - 1):
        connection.send(HIT[:cut])
        connection.send(HIT[cut:])
        assert is_hit(connection.answer())


def test_a_chunked_body(connection: Socket) -> None:
    body = json.dumps({"text": TEXT}).encode()
    head = b"POST /project/predict HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.send(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
    assert is_hit(connection.answer())


@pytest.mark.parametrize("ending", ["HTTP/1.0", "HTTP/1.1\r\nConnection: close"])
def test_a_connection_that_ends_with_its_answer(connection: Socket, ending: str) -> None:
    connection.send(HIT.replace(b"HTTP/1.1", ending.encode()))
    assert is_hit(connection.answer())
    assert connection.ended()


def test_a_client_that_waits_to_be_asked_for_its_body(connection: Socket) -> None:
    head, _, body = HIT.partition(b"\r\n\r\n")
    connection.send(head + b"\r\nExpect: 100-continue\r\n\r\n")
    assert connection.answer()[0] == 100
    connection.send(body)
    assert is_hit(connection.answer())


def test_what_is_not_json_is_refused(connection: Socket) -> None:
    connection.send(HIT.replace(b"application/json", b"text/plain"))
    assert connection.answer()[0] == 415
    connection.send(HIT.replace(b"application/json", b"application/json; charset=utf-8"))
    assert is_hit(connection.answer())


def test_another_method_is_not_allowed(connection: Socket) -> None:
    connection.send(HIT.replace(b"POST", b"PUT"))
    assert connection.answer()[0] == 405


def test_a_stranger_gets_no_hit(shared_service: Service, warm: Api) -> None:
    locked = shared_service.start_api(api_keys="alice-key")
    alice = {"Authorization": "Bearer alice-key"}
    for _ in range(2):
        assert locked.client.post("/project/predict", json={"text": TEXT}, headers=alice).status_code == 200
        assert locked.client.post("/project/predict", json={"text": TEXT}).status_code == 401


def test_a_page_elsewhere_is_told_that_it_may_read(shared_service: Service, warm: Api) -> None:
    api = shared_service.start_api(cors_origins="https://a.example")
    for _ in range(2):
        response = api.client.post("/project/predict", json={"text": TEXT}, headers={"Origin": "https://a.example"})
        assert response.headers["access-control-allow-origin"] == "https://a.example"


def test_hits_count_against_a_quota(shared_service: Service, warm: Api) -> None:
    api = shared_service.start_api(rate_limit="0.001", rate_burst="2")
    statuses = [api.client.post("/project/predict", json={"text": TEXT}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
