import asyncio
import base64
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from api.dispatch import outbox
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flight, Flights
from api.dispatch.outbox import Outbox
from api.redis.link import Link
from shared.broker.fleet import Fleet, Worker
from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Call
from shared.broker.scripts.claims import send
from shared.contract.errors import BrokerUnavailableError
from shared.contract.names import Item
from shared.contract.results import Result

KEYS = Keyspace("sentiment")
PROCESSES = 2
AHEAD = 3
TOKENS = 30


class Queue:
    """Takes what is pushed."""

    def __init__(self) -> None:
        self.messages: list[list[str]] = []
        self.away = False

    async def run(self, call: Call[int]) -> int:
        if self.away:
            raise OSError
        assert call.script is send(KEYS, messages=[], items=[]).script
        _, _, count, *arguments = call.command
        assert isinstance(count, int)
        keys, args = arguments[:count], cast("Any", arguments[count:])
        assert keys[0] == "sentiment:interactive"
        for message in args[1 : 1 + args[0]]:
            arguments, _, _ = json.loads(base64.b64decode(json.loads(message)["body"]))
            self.messages.append([item[0] for item in arguments[0]])
        return 1


class Watch:
    """A fleet that does not change."""

    fleet = Fleet(0, "v", tuple(Worker(str(i), "v", 1, 0, 0, 1000.0) for i in range(PROCESSES)))
    woken = 0

    def wake(self) -> None:
        self.woken += 1


class Bench:
    """An outbox with all around it."""

    def __init__(self) -> None:
        self.queue, self.watch, self.flights = Queue(), Watch(), Flights()
        self.outbox = Outbox(
            cast("Link", self.queue),
            KEYS,
            flights=self.flights,
            watch=cast("FleetWatch", self.watch),
            limit=1.0,
            chunk_tokens=4 * TOKENS,
        )

    def put(self, *keys: str, held: float = math.inf) -> None:
        texts = []
        for key in keys:
            flight = self.flights.join(key, 1e9) or Flight(key, "text", TOKENS, 1e9, "r")
            flight.held = held
            self.flights.add(flight)
            texts.append((flight, Item(key, "text", TOKENS, 2**50, "r")))
        self.outbox.put(texts)

    def land(self, *keys: str) -> None:
        for key in keys:
            self.flights.land(key, Result("v", 1, b"[]"))

    async def fill(self) -> None:
        """Have as many messages under way as may be: a, b and c."""
        for key in "abc":
            self.put(key)
            assert await self.settle() == [[key]]

    async def settle(self) -> list[list[str]]:
        """Let the outbox do what it can, and return what it has sent since the last time."""
        for _ in range(10):
            await asyncio.sleep(0)
        sent, self.queue.messages = self.queue.messages, []
        return sent


def run(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def body() -> None:
        bench = Bench()
        loop = asyncio.create_task(bench.outbox.run())
        try:
            await scenario(bench)
        finally:
            loop.cancel()

    asyncio.run(body())


def test_texts_leave_at_once_while_few_messages_are_under_way() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.fill()
        bench.put("e")
        assert await bench.settle() == []

    run(scenario)


def test_what_somebody_else_may_have_claimed_meanwhile_waits_for_its_claimer() -> None:
    async def scenario(bench: Bench) -> None:
        bench.put("a", "b", held=-1.0)
        assert await bench.settle() == []
        bench.put("a")
        assert await bench.settle() == [["a"]]

    run(scenario)


def test_what_waited_leaves_together_shared_out_over_the_processes() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.fill()
        bench.put(*"efghij")
        assert await bench.settle() == []
        bench.land("a")
        assert await bench.settle() == [["e", "f", "g"]]
        bench.land("b")
        assert await bench.settle() == [["h"]]
        bench.land("e", "f")
        assert await bench.settle() == [], "a message is over with its last text"
        bench.land("g")
        assert await bench.settle() == [["i"]]

    run(scenario)


def test_no_message_is_larger_than_allowed() -> None:
    async def scenario(bench: Bench) -> None:
        bench.put(*map(str, range(40)))
        sent = await bench.settle()
        assert [len(keys) for keys in sent] == [4] * AHEAD
        assert [key for keys in sent for key in keys] == list(map(str, range(4 * AHEAD)))

    run(scenario)


def test_a_text_that_has_an_outcome_is_not_sent() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.fill()
        bench.put("late", "next")
        bench.land("late", "a")
        assert await bench.settle() == [["next"]]

    run(scenario)


def test_a_text_that_is_claimed_again_while_it_waits_is_sent_once() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.fill()
        bench.put("twice")
        bench.put("twice")
        bench.land("a", "b")
        assert await bench.settle() == [["twice"]]

    run(scenario)


def test_a_broker_that_is_away_is_told_to_everyone_at_once() -> None:
    async def scenario(bench: Bench) -> None:
        bench.queue.away = True
        bench.put(*map(str, range(20)))
        flights = list(bench.flights)
        assert await bench.settle() == []
        assert all(isinstance(flight.future.result(), BrokerUnavailableError) for flight in flights)
        assert bench.watch.woken
        bench.queue.away = False
        bench.put("later")
        assert await bench.settle() == [["later"]]

    run(scenario)


def test_a_message_without_an_end_holds_nobody_back_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_PATIENCE", 0.001)

    async def scenario(bench: Bench) -> None:
        await bench.fill()
        bench.put("behind")
        while await bench.settle() != [["behind"]]:
            pass
        bench.land("a")
        assert await bench.settle() == []

    run(scenario)
