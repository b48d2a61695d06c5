"""Refusals before ASGI: the same as those of the routes, and for the same requests."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.stack.ports import free_port
from tests.support.asking import expected
from tests.support.more_kinds import PATH
from tests.support.scrape import scrape
from tests.support.service import Api, Service
from tests.support.waiting import wait_for
from tests.support.wire import Reply, ask_each, question

HELD, FOUND = "a text that both processes hold", "a text whose answer is in Redis alone"
WORDS = "and a dozen more words so that it needs more room than one that was refused"
COUNTED = (
    "sentiment_http_requests_total",
    "sentiment_http_request_duration_seconds_count",
    "sentiment_problems_total",
    "sentiment_cache_lookups_total",
    "sentiment_claims_total",
)


@pytest.fixture(scope="module")
def overloaded(shared_service: Service) -> Iterator[tuple[Api, Api]]:
    """Two processes that the broker has refused: one as usual, and one whose requests all take the long way."""
    service = shared_service
    service.environment |= {"TEST_ENGINE_SECONDS": "0.05", "SENTIMENT_WORKER_PROCESSES": "1"}
    service.start_worker()
    short, long = (start(service, level) for level in ("INFO", "DEBUG"))
    for api in (short, long):
        assert api.predict(HELD).status_code == 200
    assert long.predict(FOUND).status_code == 200
    service.hold()
    for api in (short, long):
        fill(api)
    yield short, long
    service.release()


def start(service: Service, level: str, **settings: str) -> Api:
    port = free_port()
    own = {"SENTIMENT_API_PORT": str(port), "SENTIMENT_LOG_LEVEL": level}
    process = service._start("tests.support.refusing", [], own, settings)
    api = Api(process, port)
    service._clients.append(api.client)
    wait_for(lambda: api.alive() or not process.alive, "the API to live")
    assert process.alive, process.output
    return api


def fill(api: Api, texts: int = 200) -> None:
    """Fill the backlog with short texts, until the broker refuses some."""
    replies = asyncio.run(ask_each(api.url, [question({"text": f"{api.port} {i}"}) for i in range(texts)]))
    assert 503 in {reply.status for reply in replies}


def ask(api: Api, path: str, body: Any, identity: str = "mine") -> Reply:
    """Send a request in one packet, as the direct way needs it."""
    head = f"\r\nX-Request-ID: {identity}" if identity else ""
    data = question(body, path).replace(b"\r\nHost: test", b"\r\nHost: test" + head.encode())
    (reply,) = asyncio.run(ask_each(api.url, [data]))
    return reply


def by_asgi(reply: Reply) -> bool:
    return b"x-entered: asgi" in reply.head


def comparable(reply: Reply) -> tuple[bytes, bytes]:
    """Return head and body without times, new ids and the mark of ASGI; numbers in the head as N."""
    head = reply.head.replace(b"x-entered: asgi\r\n", b"")
    head = re.sub(rb"date: [^\r]*|(?<=x-request-id: )[0-9a-f]{32}|(?<=: )\d+", b"N", head)
    return head, re.sub(rb"[0-9a-f]{32}", b"N", reply.body)


BODIES = [
    ("/project/predict", {"text": f"missed {WORDS}"}),
    ("/project/bulk-predict", {"text": [f"missed {WORDS}"]}),
    ("/project/bulk-predict", {"text": [HELD, f"missed {WORDS}", HELD, f"missed {WORDS}"]}),
    ("/project/bulk-predict", {"text": [f"missed {WORDS}", f"missed as well {WORDS}"]}),
    (PATH, {"input": [HELD, f"missed {WORDS}"]}),
]


@pytest.mark.parametrize(("path", "body"), BODIES)
@pytest.mark.parametrize("identity", ["", "mine", '"quoted\\', "x" * 200])
def test_both_ways_refuse_alike(overloaded: tuple[Api, Api], path: str, body: Any, identity: str) -> None:
    short, long = (ask(api, path, body, identity) for api in overloaded)
    assert short.status == 503
    assert (by_asgi(short), by_asgi(long)) == (False, True)
    assert comparable(short) == comparable(long)
    assert json.loads(short.body)["type"] == "urn:sentiment:problem:overloaded"
    assert json.loads(short.body)["request_id"].encode() in short.head
    assert int(re.findall(rb"retry-after: (\d+)", short.head)[0]) >= 1


def test_both_ways_count_alike(overloaded: tuple[Api, Api]) -> None:
    def counts(api: Api) -> dict[Any, float]:
        samples = scrape(api.url)
        return {(name, labels): value for name in COUNTED for labels, value in samples[name].items()}

    def increase(api: Api) -> dict[Any, float]:
        before = counts(api)
        for path, body in BODIES:
            ask(api, path, body)
        return {key: value - before.get(key, 0) for key, value in counts(api).items() if value != before.get(key, 0)}

    short, long = map(increase, overloaded)
    assert short == long
    problems = ("sentiment_problems_total", (("code", "overloaded"),))
    assert short[problems] == len(BODIES)


def test_both_ways_log_alike(overloaded: tuple[Api, Api]) -> None:
    def line(api: Api) -> dict[str, Any]:
        ask(api, *BODIES[0], identity="the-logged-one")

        def found() -> list[str]:
            return [text for text in api.process.output.splitlines() if "the-logged-one" in text]

        entry: dict[str, Any] = json.loads(wait_for(found, "the line")[0])
        return entry

    short, long = map(line, overloaded)
    assert short["message"] == "request"
    assert {name: value for name, value in short.items() if name not in ("time", "ms")} == {
        name: value for name, value in long.items() if name not in ("time", "ms")
    }
    assert list(short) == list(long)


def test_what_redis_has_is_answered(overloaded: tuple[Api, Api]) -> None:
    short, _ = overloaded
    mixed = ask(short, "/project/bulk-predict", {"text": [FOUND, f"missed {WORDS}"]})
    assert (mixed.status, by_asgi(mixed)) == (503, False)
    found = ask(short, "/project/bulk-predict", {"text": [HELD, FOUND]})
    assert json.loads(found.body) == {"predictions": [expected(HELD), expected(FOUND)]}
    assert found.hit


def test_other_refusals_are_those_of_the_routes(overloaded: tuple[Api, Api]) -> None:
    for body, status, routed in (
        ({"text": [f"{i} {'word ' * 400}" for i in range(9)]}, 413, False),
        ({"text": 1}, 422, True),
    ):
        short, long = (ask(api, "/project/bulk-predict", body) for api in overloaded)
        assert (short.status, by_asgi(short)) == (status, routed)
        assert comparable(short)[0] == comparable(long)[0]


def test_later_requests_of_the_connection_are_answered_in_order(overloaded: tuple[Api, Api]) -> None:
    short, _ = overloaded
    missed, held = question({"text": f"missed {WORDS}"}), question({"text": HELD})

    async def scenario() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", short.port)
        writer.write(held + missed + missed + held)
        writer.write(held.replace(b"Host: test", b"Host: test\r\nConnection: close"))
        answers = await reader.read()
        writer.close()
        return answers

    assert re.findall(rb"HTTP/1.1 (\d+)", asyncio.run(scenario())) == [b"200", b"503", b"503", b"200", b"200"]


def test_a_text_in_flight_is_waited_for(service: Service) -> None:
    service.environment |= {"TEST_ENGINE_SECONDS": "0.05", "SENTIMENT_WORKER_PROCESSES": "1"}
    service.start_worker()
    api = start(service, "INFO", deadline="20")
    service.hold()

    def claims(outcome: str) -> float:
        return scrape(api.url)["sentiment_claims_total"][("outcome", outcome),]

    body = {"text": f"in flight {WORDS}"}
    with ThreadPoolExecutor() as pool:
        first = pool.submit(ask, api, "/project/predict", body)
        wait_for(service.calls, "the inference to begin")
        filled = pool.submit(fill, api, 1_500)
        wait_for(lambda: claims("refused"), "the broker to refuse")
        second = pool.submit(ask, api, "/project/predict", body)
        wait_for(lambda: claims("coalesced"), "the second request to wait")
        assert ask(api, *BODIES[0]).status == 503
        service.release()
        assert [one.result().status for one in (first, second)] == [200, 200]
        filled.result()
