"""The card of the active model: on the broker, in the API's descriptions, and while versions change."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared.broker.fleet import Fleet
from shared.broker.keys import Keyspace
from shared.broker.scripts import fleet
from shared.broker.scripts.callers import run_blocking
from shared.contract.card import ModelCard
from tests.support.asking import expected
from tests.support.models import write_model
from tests.support.redis import RedisServer, available_servers
from tests.support.service import Api, Service
from tests.support.waiting import wait_for
from worker.engines.manifest import load_manifest

SERVERS = available_servers()
KEYS = Keyspace("test")
TOPICS = ("sports", 'the "arts"', "m\u00e9t\u00e9o")


@pytest.fixture(params=sorted(SERVERS))
def redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redis]:
    server = RedisServer("broker", tmp_path / "redis", SERVERS[request.param])
    server.start()
    with server.client() as client:
        yield client
    server.stop()


def beat(redis: Redis, version: str, *, card: bytes = b"", ready: bool = False, built: int = 1) -> fleet.Beat:
    told = fleet.Announcement(version, built, 0, 1.0, "interactive", {}, (), "e", "")
    call = fleet.beat(KEYS, process_id=f"of {version}", announcement=told, ready=ready, card=card)
    return run_blocking(redis, call)


def read(redis: Redis, known: str = "") -> Fleet:
    return run_blocking(redis, fleet.read(KEYS, known=known))


def card_of(version: str) -> ModelCard:
    return ModelCard(version=version, name="m", labels=("a", "b", "c"))


def test_a_card_is_stored_once_and_asked_for_when_it_is_gone(redis: Redis) -> None:
    assert beat(redis, "v", ready=True) == ("v", False)
    assert read(redis).card is None
    assert beat(redis, "v", card=card_of("v").encode()) == ("v", True)
    assert read(redis).card == card_of("v")
    assert read(redis, known="v").card is None
    assert read(redis, known="other").card == card_of("v")
    redis.flushall()
    assert beat(redis, "v") == ("v", False)


def test_cards_are_kept_of_versions_that_are_active_or_have_workers(redis: Redis) -> None:
    for number, version in enumerate(["one", "two", "three"]):
        beat(redis, version, card=card_of(version).encode(), ready=True, built=number)
        if version != "three":
            run_blocking(redis, fleet.leave(KEYS, process_id=f"of {version}"))
    assert redis.hkeys(KEYS.cards) == [b"three"], "the earlier ones are not active any more, and have no worker"
    beat(redis, "two", card=card_of("two").encode(), built=1)
    assert sorted(redis.hkeys(KEYS.cards)) == [b"three", b"two"]


def model_of(api: Api) -> dict[str, Any]:
    model: dict[str, Any] = api.client.get("/project/stats").json()["model"]
    return model


def label_schema(api: Api) -> dict[str, Any]:
    document = api.client.get("/project/openapi.json").json()
    assert document == api.client.get("/openapi.json").json()
    schema: dict[str, Any] = document["components"]["schemas"]["LabelScore"]["properties"]["label"]
    return schema


def test_any_number_of_labels_comes_out_of_every_door(service: Service) -> None:
    folder = write_model(service.folder / "topics", 2, TOPICS, task="multi-label", description="What it is about.")
    service.start_worker(model_dir=str(folder))
    api = service.start_api()
    assert api.predict("a text").json()["predictions"] == [expected("a text", "topics", TOPICS, multi=True)]
    card = load_manifest(folder).card()
    assert model_of(api) == {
        "version": card.version,
        "labels": list(TOPICS),
        "card": json.loads(card.encode()),
    }
    assert label_schema(api)["enum"] == list(TOPICS)
    with service.broker.client() as broker:
        assert [json.loads(entry)["labels"] for entry in broker.hvals(service.keys.workers)] == [{}] * 2
        assert broker.hkeys(service.keys.cards) == [card.version.encode()]
        broker.delete(service.keys.cards)
        wait_for(lambda: broker.hkeys(service.keys.cards) == [card.version.encode()], "a worker to store it again")


def test_a_thousand_labels_are_not_listed_in_the_description(service: Service) -> None:
    labels = tuple(f"label {number}" for number in range(1000))
    service.start_worker(model_dir=str(write_model(service.folder / "many", 2, labels)))
    api = service.start_api()
    assert api.predict("a text").json()["predictions"] == [expected("a text", "many", labels)]
    assert model_of(api)["labels"] == list(labels)
    assert "enum" not in label_schema(api)


def test_two_versions_with_different_labels_answer_as_themselves(service: Service) -> None:
    first = service.start_worker()
    api = service.start_api()
    assert model_of(api)["card"]["name"] == "model-one"
    assert label_schema(api)["enum"] == ["NEGATIVE", "POSITIVE"]
    topics = write_model(service.folder / "topics", 2, TOPICS)
    second = service.start_worker(model_dir=str(topics))
    wait_for(lambda: model_of(api)["labels"] == list(TOPICS), "the later model to be active")
    for number in range(50):
        text = f"text {number}"
        (answer,) = api.predict(text).json()["predictions"]
        assert answer in (expected(text), expected(text, "topics", TOPICS))
    assert first.terminate() == 0
    assert api.predict("afterwards").json()["predictions"] == [expected("afterwards", "topics", TOPICS)]
    assert label_schema(api)["enum"] == list(TOPICS)
    assert second.terminate() == 0


def test_a_restarted_api_knows_the_card_without_workers(service: Service) -> None:
    worker = service.start_worker(model_dir=str(write_model(service.folder / "topics", 2, TOPICS)))
    assert worker.terminate() == 0
    api = service.start_api()
    wait_for(lambda: model_of(api)["card"], "the API to read the card")
    assert model_of(api)["labels"] == list(TOPICS)
