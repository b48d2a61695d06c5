"""Messages of synchronous texts, on two real Redis: which texts share a pass, and which are looked up in the cache."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis

from shared.broker.fleet import ASSUMED
from shared.broker.keys import Keyspace, text_key
from shared.broker.scripts.callers import run_blocking
from shared.broker.scripts.claims import claim
from shared.contract.names import Item, Lane
from shared.contract.record import Facts, Record
from shared.contract.tokens import Cost
from tests.support.redis import RedisServer
from worker.engines.base import PROBE, TextScores
from worker.engines.guarded import GuardedEngine
from worker.lanes.answers import AnswerStore
from worker.lanes.inference import Inference
from worker.lanes.interactive import Arrival, MessageRunner
from worker.lanes.pipe import Pipe
from worker.presence.metrics import Counts
from worker.presence.pace import Pace

KEYS = Keyspace("test")
SECONDS_A_TOKEN = 0.5
KNOWN = Record(b'[{"label":"up","score":1.0}]', Facts(0).encode())


class Model:
    """An engine with an identity that keeps the passes that it was asked for."""

    version = "v"
    labels = ("down", "up")
    card = ASSUMED

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        self.asked.append(list(texts))
        return [TextScores((0.25, 0.75)) for _ in texts]


class Bench:
    """A runner with its parts around it."""

    def __init__(self, broker: Redis, cache: Redis) -> None:
        self.broker, self.cache, self.model = broker, cache, Model()
        counts = Counts()
        inference = Inference(cast("GuardedEngine", self.model), Lane.INTERACTIVE, broker, KEYS, counts)
        answers = AnswerStore(cache, KEYS, 60, counts)
        self.runner = MessageRunner(
            inference, Pace(SECONDS_A_TOKEN * Cost().estimate(PROBE)), answers, Pipe(broker), KEYS
        )

    def item(self, text: str, *, seconds: float = 60.0, version: str = "v") -> Item:
        """Claim a text, and return it as a message has it."""
        key = text_key(version, text)
        group = (1000, [(key, 10, 60_000)])
        run_blocking(self.broker, claim(KEYS, channel="me", lease=60_000, groups=[group]))
        return Item(key, text, 10, round((time.time() + seconds) * 1000), "r")

    def finished(self, item: Item) -> Any:
        return self.broker.hget(KEYS.claim(item.key), "result")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    servers = [RedisServer(name, tmp_path / name) for name in ("broker", "cache")]
    for server in servers:
        server.start()
    broker, cache = (Redis.from_url(server.url, protocol=2) for server in servers)
    with broker, cache:
        yield Bench(broker, cache)
    for server in servers:
        server.stop()


def test_texts_of_a_message_share_a_pass_and_all_are_stored_and_published(bench: Bench) -> None:
    items = [bench.item(name) for name in ("one", "two", "three")]
    bench.runner.run(items, Arrival())
    assert bench.model.asked == [["one", "two", "three"]]
    assert all(map(bench.finished, items))
    bench.runner.run([bench.item("four")], Arrival())  # reads the replies of the cache to the first message
    assert all(bench.cache.mget([KEYS.answer(item.key) for item in items]))


def test_a_text_whose_deadline_is_near_waits_for_no_other(bench: Bench) -> None:
    items = [bench.item("soon", seconds=5.0), bench.item("later", seconds=60.0), bench.item("late", seconds=-1.0)]
    bench.runner.run(items, Arrival())
    assert bench.model.asked == [["soon"], ["later"]]


def test_a_begun_message_runs_without_the_broker_if_nothing_speaks_against_it(bench: Bench) -> None:
    items = [
        *(bench.item("one"), bench.item("again"), bench.item("soon", seconds=0.9), bench.item("late", seconds=-1.0)),
        bench.item("other", version="w"),
    ]
    bench.runner.run([bench.item("first")], Arrival())  # learns the broker's clock
    for item in items:
        bench.runner.run([item], Arrival(begun=True, again=item.text == "again"))
    assert bench.model.asked == [["first"], ["one"], ["again"], ["soon"], ["other"]]
    calls = cast("Any", bench.broker.info("commandstats"))
    assert all(map(bench.finished, items[:3]))
    assert calls["cmdstat_llen"]["calls"] == 5, "the script is run for all but one"


def test_only_texts_that_may_be_known_are_looked_up(bench: Bench) -> None:
    for text in ("usual", "begun before", "of another version"):
        bench.cache.set(KEYS.answer(text_key("v", text)), KNOWN.encode(), ex=60)
    bench.broker.set(KEYS.tries(text_key("v", "begun before")), 1, ex=60)
    items = [bench.item("usual"), bench.item("begun before"), bench.item("of another version", version="w")]
    bench.runner.run(items, Arrival())
    assert bench.model.asked == [["usual"]]
    assert KNOWN.body in bench.finished(items[1])
