"""Refusals without the broker: who gets one, and what it counts."""

import asyncio
from collections.abc import Callable, Sequence, Set
from types import SimpleNamespace
from typing import cast

from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.refusals import Refusals
from shared.broker.keys import text_key
from shared.contract.errors import OverloadedError
from shared.contract.record import Record
from shared.contract.tokens import Cost
from tests.unit.api.dispatch.fakes import RATE, Bench

VERSION = "v1"
TEXT = "a text that nobody has asked for"


def keys(*texts: str) -> list[str]:
    return [text_key(VERSION, text) for text in texts]


async def decide(refusals: Refusals, texts: Sequence[str]) -> Exception | None:
    decision: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
    return await decision if refusals.decide(texts, decision.set_result) else None


class Answers:
    """A cache; `meanwhile` runs while Redis is asked."""

    def __init__(self, held: Sequence[str], stored: Sequence[str]) -> None:
        self._held, self._stored = keys(*held), keys(*stored)
        self.asked: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.meanwhile: Callable[[], None] = lambda: None

    def get_local(self, key: str) -> Record | None:
        return Record(b"[]") if key in self._held else None

    async def find(self, keys: Sequence[str]) -> Set[str]:
        self.asked.append(list(keys))
        self.meanwhile()
        await self.open.wait()
        return set(keys) & set(self._stored)


class Overload:
    """A process that the broker has just refused, with a number of tokens that would have been admitted."""

    def __init__(self, room: int = 0, held: Sequence[str] = (), stored: Sequence[str] = ()) -> None:
        self.bench, self.cache = Bench(), Answers(held, stored)
        watch = cast("FleetWatch", SimpleNamespace(fleet=SimpleNamespace(active=VERSION)))
        cache, flights = cast("AnswerCache", self.cache), self.bench.flights
        self.refusals = Refusals(self.bench.admission, cache, watch, flights, self.bench.tallies)
        self.bench.admission.refused(self.bench.admission.limit(1, 0) - room, 1)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Texts counted as held, missed and refused."""
        tallies = self.bench.tallies
        return tallies.lookups["held"], tallies.lookups["missed"], tallies.claims["refused"]


def test_nothing_is_refused_before_the_broker_has_refused() -> None:
    async def scenario() -> None:
        bench = Bench()
        refusals = Refusals(
            bench.admission,
            cast("AnswerCache", Answers((), ())),
            cast("FleetWatch", SimpleNamespace(fleet=SimpleNamespace(active=VERSION))),
            bench.flights,
            bench.tallies,
        )
        assert not bench.admission.closed
        assert await decide(refusals, [TEXT]) is None

    asyncio.run(scenario())


def test_misses_are_refused_and_counted_once_for_each_text() -> None:
    async def scenario() -> None:
        overload = Overload(held=["held"])
        assert overload.bench.admission.closed
        error = await decide(overload.refusals, ["held", TEXT, TEXT, "another", "held"])
        assert isinstance(error, OverloadedError)
        assert error.retry_after >= 1
        assert overload.counts == (1, 2, 2)
        assert overload.cache.asked == [keys(TEXT, "another")]

    asyncio.run(scenario())


def test_requests_that_arrive_during_a_lookup_share_the_next_one() -> None:
    async def scenario() -> None:
        overload = Overload(stored=["stored"])
        overload.cache.open.clear()
        first = asyncio.create_task(decide(overload.refusals, ["first"]))
        await overload.bench.settle()
        later = [asyncio.create_task(decide(overload.refusals, [text])) for text in ("second", "stored", "third")]
        await overload.bench.settle()
        assert overload.cache.asked == [keys("first")]
        overload.cache.open.set()
        refused = [error is not None for error in await asyncio.gather(first, *later)]
        assert overload.cache.asked == [keys("first"), keys("second", "stored", "third")]
        assert refused == [True, True, False, True]
        assert await decide(overload.refusals, ["fourth"]) is not None

    asyncio.run(scenario())


def test_a_lookup_that_fails_ends_with_its_requests() -> None:
    def fail() -> None:
        raise RuntimeError

    async def scenario() -> None:
        overload = Overload()
        overload.cache.meanwhile = fail
        asked = [decide(overload.refusals, [text]) for text in ("first", "second")]
        outcomes = await asyncio.gather(*asked)
        assert [type(outcome) for outcome in outcomes] == [RuntimeError, RuntimeError]
        overload.cache.meanwhile = lambda: None
        assert await decide(overload.refusals, [TEXT]) is not None

    asyncio.run(scenario())


def test_what_fits_goes_to_the_broker() -> None:
    async def scenario() -> None:
        overload = Overload(room=Cost().estimate(TEXT))
        assert await decide(overload.refusals, [TEXT]) is None
        assert overload.counts == (0, 0, 0)
        assert await decide(overload.refusals, [TEXT, "another"]) is not None

    asyncio.run(scenario())


def test_a_text_with_an_answer_is_left_to_the_routes() -> None:
    async def scenario() -> None:
        overload = Overload(stored=[TEXT])
        assert await decide(overload.refusals, ["another", TEXT]) is None
        assert overload.counts == (0, 0, 0)

    asyncio.run(scenario())


def test_texts_in_flight_are_left_to_the_routes() -> None:
    async def scenario() -> None:
        overload = Overload(room=10_000)
        async with overload.bench as bench:
            asked = bench.ask(text_key(VERSION, TEXT))
            await bench.settle()
            bench.admission.refused(bench.admission.limit(1, 0), 1)
            assert await decide(overload.refusals, [TEXT]) is None
            assert await decide(overload.refusals, [TEXT, "another"]) is not None
            assert overload.counts == (0, 2, 1)
            asked.cancel()

    asyncio.run(scenario())


def test_what_changes_while_redis_is_asked_counts() -> None:
    async def scenario() -> None:
        overload = Overload()
        overload.cache.meanwhile = lambda: setattr(overload.bench.admission, "_full_until", 0.0)
        assert await decide(overload.refusals, [TEXT]) is None
        assert overload.counts == (0, 0, 0)

    asyncio.run(scenario())


def test_too_much_work_for_idle_workers_is_left_to_the_routes() -> None:
    async def scenario() -> None:
        overload = Overload()
        texts = [f"{i} " + "word " * 500 for i in range(int(RATE * 60 / 500) + 1)]
        assert await decide(overload.refusals, texts) is None
        assert overload.counts == (0, 0, 0)

    asyncio.run(scenario())
