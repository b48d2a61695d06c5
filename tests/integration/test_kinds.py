"""A prediction kind is one entry of one table: routes, the direct way, counts and description follow from it."""

import asyncio
import json

import pytest

from shared.stack.ports import free_port
from tests.support.asking import expected
from tests.support.more_kinds import PATH
from tests.support.scrape import total
from tests.support.service import Api, Service
from tests.support.waiting import wait_for
from tests.support.wire import Reply, ask_each, question

TEXTS = ["first", "second"]


@pytest.fixture
def api(service: Service) -> Api:
    """An API process whose table has one more kind, with a worker behind it."""
    service.start_worker()
    port = free_port()
    own = {"SENTIMENT_API_PORT": str(port), "SENTIMENT_API_KEYS": "alice-key"}
    process = service._start("tests.support.more_kinds", [], own, {})
    started = Api(process, port)
    service._clients.append(started.client)
    wait_for(lambda: started.alive() or not process.alive, "the API to live")
    assert process.alive, process.output
    return started


def ask(api: Api, *headers: str) -> Reply:
    """Send the question in one packet, as the direct way needs it."""
    added = "".join(f"\r\n{header}" for header in headers).encode()
    data = question({"input": TEXTS}, PATH).replace(b"\r\nHost: test", b"\r\nHost: test" + added)
    (reply,) = asyncio.run(ask_each(api.url, [data]))
    return reply


def test_a_kind_is_one_entry(api: Api) -> None:
    key = "Authorization: Bearer alice-key"
    miss, hit, stranger = ask(api, key), ask(api, key), ask(api)
    assert json.loads(miss.body) == json.loads(hit.body) == {"outputs": [expected(text) for text in TEXTS]}
    assert (miss.hit, hit.hit) == (False, True)
    assert [b"x-entered: asgi" in reply.head for reply in (miss, hit, stranger)] == [False, False, True]
    assert stranger.status == 401

    for outcome in ("hit", "miss"):
        assert total(api.url, "sentiment_http_requests_total", route=PATH, cache=outcome) == 1

    def minute() -> dict[str, float]:
        counts: dict[str, float] = api.client.get("/project/stats").json()["minute"]
        return counts

    wait_for(lambda: minute()["requests"] == 2, "both to be counted")
    assert (minute()["hits"], minute()["misses"]) == (1, 1)


def test_a_kind_is_described(api: Api) -> None:
    document = api.client.get("/openapi.json").json()
    operation = document["paths"][PATH]["post"]
    assert operation["security"] == [{"ApiKey": []}]
    assert operation["summary"] == "Label some inputs"
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Inputs"}
    body = document["components"]["schemas"]["Inputs"]
    assert body["properties"]["input"]["items"] == {"type": "string"}
    answers = operation["responses"]
    assert answers["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Outputs"}
    assert set(answers) == {*document["paths"]["/project/predict"]["post"]["responses"]}
