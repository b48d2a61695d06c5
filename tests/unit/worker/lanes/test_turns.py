"""Turns, on a real Redis: the messages that a model process takes itself, and one that a dead process had taken."""

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from redis import Redis

from shared.broker.keys import Keyspace
from shared.contract.messages import encode_message
from shared.contract.names import LANES, Item, Lane
from tests.support.redis import RedisServer
from tests.support.waiting import wait_for
from worker.lanes import turns
from worker.lanes.interactive import Arrival, MessageRunner
from worker.lanes.pipe import Command, Pipe
from worker.lanes.turns import Turns

KEYS = Keyspace("test")
QUEUE = KEYS.queue(Lane.INTERACTIVE)


class Runner:
    """Runs messages: it keeps their texts, and sends the commands around them."""

    def __init__(self, broker: Redis) -> None:
        self._broker = broker
        self.pipe = Pipe(broker)
        self.texts: list[str] = []
        self.arrivals: list[Arrival] = []
        self.stored: list[list[bytes]] = []
        """The messages that are stored while each message runs."""
        self.kept: list[int] = []
        """The milliseconds for which they are stored."""

    def run(self, items: Sequence[Item], arrival: Arrival, *, then: Sequence[Command] = ()) -> None:
        self.texts += [item.text for item in items]
        self.arrivals.append(arrival)
        self.stored.append(cast("list[bytes]", self._broker.lrange(KEYS.taken("m"), 0, -1)))
        self.kept.append(self._broker.pttl(KEYS.taken("m")))
        self.pipe.send_all(then)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    server = RedisServer("broker", tmp_path)
    server.start()
    with Redis.from_url(server.url, protocol=2) as client:
        yield client
    server.stop()


@pytest.fixture
def runner(broker: Redis) -> Runner:
    return Runner(broker)


@pytest.fixture
def process(runner: Runner) -> Turns:
    return Turns(cast("MessageRunner", runner), runner.pipe, KEYS, LANES)


def item(text: str) -> Item:
    return Item(f"v:{text}", text, 10, 1, "r")


def waiting(broker: Redis, *texts: str) -> list[bytes]:
    """Put a message for each text into the queue; return them."""
    messages = [encode_message([item(text)], Lane.INTERACTIVE) for text in texts]
    broker.lpush(QUEUE, *messages)
    return messages


def test_waiting_messages_are_taken_in_order_and_each_is_stored_while_it_runs(
    process: Turns, broker: Redis, runner: Runner
) -> None:
    messages = waiting(broker, "two", "three")
    process.run([item("one")], message="m", redelivered=False)
    assert runner.texts == ["one", "two", "three"]
    assert runner.stored == [[], *([message] for message in messages)]
    assert all(0 < kept <= 10_000 for kept in runner.kept[1:])
    assert [arrival.waiting for arrival in runner.arrivals] == [False, True, False]


def test_a_message_that_comes_soon_is_waited_for(
    process: Turns, broker: Redis, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_WAIT_SECONDS", 60.0)
    monkeypatch.setattr(turns, "_TURN_SECONDS", 3600.0)
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(process.run, [item("one")], message="m", redelivered=False)
        wait_for(lambda: broker.info("clients")["blocked_clients"], "the process to wait")
        monkeypatch.setattr(turns, "_TURN_SECONDS", 0.0)
        monkeypatch.setattr(turns, "_WAIT_SECONDS", 3600.0)  # longer than the turn, so the next wait does not begin
        waiting(broker, "two")
        turn.result(30)
    assert runner.texts == ["one", "two"]


def test_no_message_is_waited_for_while_chunks_wait(
    process: Turns, broker: Redis, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.set(KEYS.backlog_tokens(Lane.BULK), 1)
    process.run([item("one")], message="m", redelivered=False)  # learns that chunks wait
    monkeypatch.setattr(turns, "_WAIT_SECONDS", 1800.0)
    monkeypatch.setattr(turns, "_TURN_SECONDS", 3600.0)
    process.run([item("two")], message="m", redelivered=False)
    assert runner.texts == ["one", "two"]


def test_a_turn_ends(process: Turns, broker: Redis, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_TURN_SECONDS", 0.0)
    waiting(broker, "two", "three")
    process.run([item("one")], message="m", redelivered=False)
    assert runner.texts == ["one"]
    assert broker.llen(QUEUE) == 2


def test_a_message_that_a_dead_process_had_taken_is_run(process: Turns, broker: Redis, runner: Runner) -> None:
    (lost,) = waiting(broker, "lost")
    broker.rename(QUEUE, KEYS.taken("m"))
    waiting(broker, "next")
    process.run([item("one")], message="m", redelivered=True)
    assert runner.texts == ["one", "lost", "next"]
    assert runner.stored[1] == [lost]
    assert [arrival.again for arrival in runner.arrivals] == [True, True, False]


def test_the_same_for_a_message_that_celery_has_put_back_and_a_turn_has_taken(
    process: Turns, broker: Redis, runner: Runner
) -> None:
    element = json.loads(encode_message([item("back")], Lane.INTERACTIVE))
    element["properties"]["delivery_info"]["redelivered"] = True
    waiting(broker, "lost")
    broker.rename(QUEUE, KEYS.taken(element["headers"]["id"]))
    broker.expire(KEYS.taken(element["headers"]["id"]), 60)
    broker.lpush(QUEUE, json.dumps(element))
    waiting(broker, "next")
    process.run([item("one")], message="m", redelivered=False)
    assert runner.texts == ["one", "back", "lost", "next"]
    assert [arrival.again for arrival in runner.arrivals] == [False, True, True, False]


def test_elements_that_are_no_messages_are_discarded(
    process: Turns, broker: Redis, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    broker.lpush(
        QUEUE, b"\x80\x04secret", b"[]", encode_message([], Lane.BULK).replace(b"sentiment.classify", b"other")
    )
    waiting(broker, "two")
    with caplog.at_level(logging.ERROR):
        process.run([item("one")], message="m", redelivered=False)
    assert runner.texts == ["one", "two"]
    reasons = [getattr(record, "reason", "") for record in caplog.records]
    assert reasons == ["not JSON (UnicodeDecodeError)", "no object", "unknown task"]
    assert "secret" not in caplog.text
