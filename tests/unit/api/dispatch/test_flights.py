"""Each line of the table at the head of `api/dispatch/flights.py`."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from api.dispatch import admission, flight, outbox
from shared.broker.scripts.claims import CLAIMED, REFUSED
from shared.contract.errors import BrokerUnavailableError, DeadlineExceededError, OverloadedError
from shared.contract.record import Facts
from shared.contract.results import FAILURE, Result
from tests.support.waiting import wait_for
from tests.unit.api.dispatch.fakes import Bench

RESULT = Result("v", 1, b"[]", Facts(0).encode())
FOR_LONG = 60_000


def run(scenario: Callable[[Bench], Awaitable[None]], processes: int = 2) -> None:
    async def body() -> None:
        async with Bench(processes) as bench:
            await scenario(bench)

    asyncio.run(body())


async def until(condition: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_for, condition, "the timers to bring it about")


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a refusal hold for longer than the test takes."""
    monkeypatch.setattr(admission, "_FULL_SECONDS", 60.0)


@pytest.fixture
def renewing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renew claims soon, and hold texts back until a message is over."""
    monkeypatch.setattr(flight, "_RENEW", 0.001)
    monkeypatch.setattr(outbox, "_PATIENCE", 60.0)
    monkeypatch.setattr(outbox, "_WORTH", 0)


def test_a_miss_is_claimed_sent_and_answered() -> None:
    async def scenario(bench: Bench) -> None:
        asked = bench.ask("v.2:a", "v.2:b")
        await bench.settle()
        assert bench.steps.asked == [["v.2:a", "v.2:b"]]
        assert sorted(key for message in bench.steps.sent for key in message) == ["v.2:a", "v.2:b"]
        for key in ("v.2:a", "v.2:b"):
            bench.flights.receive(key, RESULT)
        assert await asked == ({"v.2:a": RESULT, "v.2:b": RESULT}, 0)
        assert bench.cache.kept == [("v.2:a", RESULT.record), ("v.2:b", RESULT.record)], "once each"
        assert bench.tallies.claims["claimed"] == 2
        assert not len(bench.flights)

    run(scenario)


def test_all_who_wait_get_the_first_outcome() -> None:
    async def scenario(bench: Bench) -> None:
        first, second = bench.ask("v.2:a"), bench.ask("v.2:a")
        await bench.settle()
        bench.flights.receive("v.2:a", RESULT)
        bench.flights.receive("v.2:a", Result("v", 2, b"{}"))
        assert await first == ({"v.2:a": RESULT}, 0)
        assert await second == ({"v.2:a": RESULT}, 1)
        assert bench.steps.asked == [["v.2:a"]]
        assert bench.tallies.claims["coalesced"] == 1

    run(scenario)


def test_a_result_that_nobody_waits_for_is_kept() -> None:
    async def scenario(bench: Bench) -> None:
        bench.flights.receive("v.2:a", RESULT)
        assert bench.cache.kept == [("v.2:a", RESULT.record)]

    run(scenario)


@pytest.mark.parametrize(
    "result", [Result("v", 0, FAILURE), RESULT._replace(version="another"), RESULT._replace(head=b"")]
)
def test_a_failure_or_a_result_of_another_version_or_release_is_not_kept(result: Result) -> None:
    async def scenario(bench: Bench) -> None:
        asked = bench.ask("v.2:a")
        await bench.settle()
        bench.flights.receive("v.2:a", result)
        assert (await asked)[0] == {"v.2:a": result}
        assert not bench.cache.kept

    run(scenario)


def test_a_claim_finds_a_text_that_is_finished() -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.state = lambda _: RESULT
        assert await bench.ask("v.2:a") == ({"v.2:a": RESULT}, 1)
        assert bench.cache.kept == [("v.2:a", RESULT.record)]
        assert not bench.steps.sent
        assert bench.tallies.claims["answered"] == 1

    run(scenario)


def test_a_text_that_another_process_has_is_awaited_and_claimed_again_when_that_claim_lapses() -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.state = lambda _: 1
        asked = bench.ask("v.2:a")
        await bench.settle()
        assert not bench.steps.sent
        bench.steps.state = lambda _: CLAIMED
        await until(lambda: bench.steps.sent)
        assert bench.steps.asked == [["v.2:a"], ["v.2:a"]]
        bench.flights.receive("v.2:a", RESULT)
        assert await asked == ({"v.2:a": RESULT}, 1)
        assert (bench.tallies.claims["coalesced"], bench.tallies.claims["claimed"]) == (1, 0), "one text counts once"

    run(scenario)


def test_a_refusal_is_remembered_for_a_moment(remembering: None) -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.state, bench.steps.backlog = lambda _: REFUSED, 1_000_000
        with pytest.raises(OverloadedError):
            await bench.ask("v.2:a")
        with pytest.raises(OverloadedError):
            await bench.ask("v.2:b")
        assert bench.steps.asked == [["v.2:a"]], "the second was refused without a question"
        assert bench.tallies.claims["refused"] == 2

    run(scenario)


def test_a_refusal_does_not_concern_those_who_join(remembering: None) -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.state = lambda _: FOR_LONG
        first = bench.ask("v.2:a")
        await bench.settle()
        bench.steps.state, bench.steps.backlog = lambda _: REFUSED, 1_000_000
        with pytest.raises(OverloadedError):
            await bench.ask("v.2:b")
        second = bench.ask("v.2:a")
        await bench.settle()
        bench.flights.receive("v.2:a", RESULT)
        assert (await first)[0] == (await second)[0] == {"v.2:a": RESULT}

    run(scenario)


def test_a_text_that_waits_for_a_message_is_claimed_again_and_sent_once(renewing: None) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.fill()
        late = bench.ask("v.2:late")
        await until(lambda: bench.steps.asked.count(["v.2:late"]) > 2)
        for key in ("v.2:a", "v.2:b"):
            bench.flights.receive(key, RESULT)
        await bench.settle()
        bench.flights.receive("v.2:late", RESULT)
        await asyncio.gather(*first, late)
        assert [keys for keys in bench.steps.sent if "v.2:late" in keys] == [["v.2:late"]]
        assert bench.tallies.claims["claimed"] == 3

    run(scenario, processes=1)


def test_a_text_that_leaves_while_its_claim_is_renewed_is_sent_once(renewing: None) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.fill()
        late = bench.ask("v.2:late")
        await bench.settle()
        bench.steps.open.clear()
        await until(lambda: bench.steps.asked.count(["v.2:late"]) > 1)
        for key in ("v.2:a", "v.2:b"):
            bench.flights.receive(key, RESULT)
        await bench.settle()
        assert ["v.2:late"] in bench.steps.sent
        bench.steps.open.set()
        await bench.settle()
        bench.flights.receive("v.2:late", RESULT)
        await asyncio.gather(*first, late)
        assert bench.steps.sent.count(["v.2:late"]) == 1

    run(scenario, processes=1)


def test_a_text_that_another_process_has_taken_over_is_not_sent(renewing: None) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.fill()
        late = bench.ask("v.2:late")
        await bench.settle()
        bench.steps.state = lambda _: FOR_LONG
        await until(lambda: not bench.outbox.waiting)
        for key in ("v.2:a", "v.2:b", "v.2:late"):
            bench.flights.receive(key, RESULT)
        await asyncio.gather(*first, late)
        assert ["v.2:late"] not in bench.steps.sent

    run(scenario, processes=1)


def test_a_text_that_has_its_result_before_its_claim_is_not_sent() -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.open.clear()
        asked = bench.ask("v.2:a")
        await bench.settle()
        bench.flights.receive("v.2:a", RESULT)
        assert (await asked)[0] == {"v.2:a": RESULT}
        bench.steps.open.set()
        await bench.settle()
        assert not bench.steps.sent

    run(scenario)


def test_after_a_gap_every_text_is_claimed_again_and_one_that_the_broker_has_lost_is_sent_again() -> None:
    async def scenario(bench: Bench) -> None:
        asked = bench.ask("v.2:finished", "v.2:lost")
        await bench.settle()
        sent = len(bench.steps.sent)
        bench.steps.state = lambda key: RESULT if key == "v.2:finished" else CLAIMED
        bench.flights.claim_again()
        await bench.settle()
        assert bench.steps.sent[sent:] == [["v.2:lost"]]
        bench.flights.receive("v.2:lost", RESULT)
        assert (await asked)[0] == {"v.2:finished": RESULT, "v.2:lost": RESULT}

    run(scenario)


def test_a_broker_that_does_not_answer_a_claim_is_told_to_those_who_came_meanwhile_too() -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.away = True
        bench.steps.open.clear()
        first = bench.ask("v.2:a")
        await bench.settle()
        second = bench.ask("v.2:b")
        await bench.settle()
        bench.steps.open.set()
        for asked in (first, second):
            with pytest.raises(BrokerUnavailableError):
                await asked
        assert bench.steps.asked == [["v.2:a"]]
        assert bench.tallies.claims["failed"] == 2

    run(scenario)


def test_a_broker_that_takes_no_message_is_told_to_those_who_wait_for_one_too(renewing: None) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.fill()
        waiting = [bench.ask("v.2:next"), bench.ask("v.2:" + "x" * 2)]
        await bench.settle()
        bench.steps.away = True
        bench.flights.receive("v.2:a", RESULT)
        await first[0]
        for asked in waiting:
            with pytest.raises(BrokerUnavailableError):
                await asked
        bench.steps.away = False
        bench.flights.receive("v.2:b", RESULT)
        later = bench.ask("v.2:later")
        await bench.settle()
        assert bench.steps.sent[2:] == [["v.2:later"]]
        bench.flights.receive("v.2:later", RESULT)
        await asyncio.gather(first[1], later)

    run(scenario, processes=1)


def test_a_request_ends_at_its_deadline_and_its_flight_is_given_up() -> None:
    async def scenario(bench: Bench) -> None:
        asked = bench.ask("v.2:a", seconds=0.02)
        with pytest.raises(DeadlineExceededError):
            await asked
        await until(lambda: not len(bench.flights))
        assert bench.steps.asked == [["v.2:a"]]

    run(scenario)


def test_a_flight_lasts_as_long_as_anyone_waits() -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.state = lambda _: 20
        short = bench.ask("v.2:a", seconds=0.02)
        long = bench.ask("v.2:a", seconds=60)
        with pytest.raises(DeadlineExceededError):
            await short
        bench.steps.state = lambda _: RESULT
        assert (await long)[0] == {"v.2:a": RESULT}

    run(scenario)
