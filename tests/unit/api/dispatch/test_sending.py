"""Messages that are sent along with the claims of their texts."""

from shared.broker.scripts.claims import CLAIMED
from tests.unit.api.dispatch.fakes import Bench
from tests.unit.api.dispatch.test_flights import RESULT, run


def test_a_message_is_sent_along_with_its_claims_while_processes_are_idle() -> None:
    async def scenario(bench: Bench) -> None:
        bench.steps.queues = True
        first = bench.ask("v.2:first")  # from its claim the broker's clock is known
        await bench.settle()
        assert (bench.steps.along, bench.steps.sent) == ([], [["v.2:first"]])
        second = bench.ask("v.2:second")
        await bench.settle()
        assert bench.steps.along == [["v.2:second"]]
        third = bench.ask("v.2:third")
        await bench.settle()
        assert (len(bench.steps.along), len(bench.steps.sent)) == (1, 1), "two messages are under way"
        for key, asked in (("v.2:second", second), ("v.2:first", first), ("v.2:third", third)):
            bench.flights.receive(key, RESULT)
            assert await asked == ({key: RESULT}, 0)

    run(scenario)


def test_a_message_that_is_not_sent_along_is_sent_later() -> None:
    async def scenario(bench: Bench) -> None:
        bench.ask("v.2:first")
        await bench.settle()
        bench.flights.receive("v.2:first", RESULT)
        bench.steps.state = lambda key: 60_000 if key == "v.2:others" else CLAIMED
        bench.steps.queues = True
        bench.ask("v.2:others", "v.2:own")
        await bench.settle()
        assert bench.steps.along == []
        assert bench.steps.sent == [["v.2:first"], ["v.2:own"]]

    run(scenario)
