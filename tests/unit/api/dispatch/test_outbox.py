import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from api.dispatch import outbox as module
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.outbox import Outbox
from shared.contract.names import Item
from tests.unit.api.dispatch.fakes import Watch

AHEAD = 3
"""Messages under way for two model processes."""
TOKENS = 30
RATE = 100_000.0


def run(scenario: Callable[[Outbox], Awaitable[None]]) -> None:
    async def body() -> None:
        await scenario(Outbox(cast("FleetWatch", Watch(processes=2, rate=RATE)), 4 * TOKENS))

    asyncio.run(body())


def put(outbox: Outbox, *keys: str, until: float = math.inf) -> None:
    for key in keys:
        outbox.put(Item(key, "text", TOKENS, 2**50, "r"), until)


def take(outbox: Outbox) -> list[list[str]]:
    return [[item.key for item in message] for message in outbox.take()]


def fill(outbox: Outbox) -> None:
    """Have one message under way for each process: a and b."""
    for key in "ab":
        put(outbox, key)
        assert take(outbox) == [[key]]


def close(outbox: Outbox, *keys: str) -> None:
    for key in keys:
        outbox.close(key)


def test_texts_leave_at_once_while_few_messages_are_under_way() -> None:
    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        put(outbox, "c")
        assert take(outbox) == []

    run(scenario)


def test_messages_are_reserved_only_if_all_their_texts_can_leave_at_once() -> None:
    async def scenario(outbox: Outbox) -> None:
        def reserve(*keys: str) -> list[list[str]]:
            items = [Item(key, "text", TOKENS, 2**50, "r") for key in keys]
            return [[item.key for item in message] for message in outbox.reserve(items)]

        assert reserve(*map(str, range(40))) == []
        assert outbox.waiting == []
        assert reserve("a", "b") == [["a"], ["b"]]
        assert reserve("c") == []
        close(outbox, "a")
        assert reserve("c") == [["c"]]
        put(outbox, "waiting")
        close(outbox, "b")
        assert reserve("d") == [], "another text is before it"

    run(scenario)


def test_a_message_is_sent_ahead_if_enough_waits() -> None:
    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        put(outbox, *"cdef")
        assert take(outbox) == []
        put(outbox, "g")
        assert take(outbox) == [["c", "d"]]
        put(outbox, *"hijkl")
        assert take(outbox) == [], "no more than three messages for two processes"

    run(scenario)


def test_a_message_has_no_more_work_than_the_fleets_pace_allows() -> None:
    async def body() -> None:
        outbox = Outbox(cast("FleetWatch", Watch(processes=2, rate=2 * 2.5 * TOKENS / 0.02)), 1024)
        put(outbox, *map(str, range(40)))
        assert [len(keys) for keys in take(outbox)] == [2] * AHEAD

    asyncio.run(body())


def test_a_text_whose_lease_is_over_is_not_sent_until_it_is_claimed_again() -> None:
    async def scenario(outbox: Outbox) -> None:
        put(outbox, "a", "b", until=-1.0)
        assert take(outbox) == []
        put(outbox, "a")
        assert take(outbox) == [["a"]]

    run(scenario)


def test_what_waited_leaves_together_shared_out_over_the_processes() -> None:
    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        put(outbox, *"efgh")
        assert take(outbox) == []
        close(outbox, "a")
        assert take(outbox) == [["e", "f"]]
        close(outbox, "b")
        assert take(outbox) == [["g"]]
        close(outbox, "e")
        assert take(outbox) == [], "a message is over with its last text"
        close(outbox, "f")
        assert take(outbox) == [["h"]]

    run(scenario)


def test_no_message_is_larger_than_allowed() -> None:
    async def scenario(outbox: Outbox) -> None:
        put(outbox, *map(str, range(40)))
        sent = take(outbox)
        assert [len(keys) for keys in sent] == [4] * AHEAD
        assert [key for keys in sent for key in keys] == list(map(str, range(4 * AHEAD)))

    run(scenario)


def test_a_text_that_has_an_outcome_is_not_sent() -> None:
    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        put(outbox, "late", "next")
        close(outbox, "late", "a")
        assert take(outbox) == [["next"]]

    run(scenario)


def test_a_text_that_is_put_twice_is_sent_once_in_its_first_place() -> None:
    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        put(outbox, "twice", "once", "twice")
        close(outbox, "a", "b")
        assert take(outbox) == [["twice"], ["once"]]

    run(scenario)


def test_a_text_that_is_withdrawn_is_not_sent_and_one_under_way_stays_so() -> None:
    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        put(outbox, "another's", "next")
        outbox.withdraw("another's")
        outbox.withdraw("a")
        assert take(outbox) == []
        close(outbox, "a")
        assert take(outbox) == [["next"]]

    run(scenario)


def test_a_message_without_an_end_holds_nobody_back_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.001)

    async def scenario(outbox: Outbox) -> None:
        fill(outbox)
        outbox.changed.clear()
        put(outbox, "behind")
        outbox.changed.clear()
        await outbox.changed.wait()
        assert take(outbox) == [["behind"]]
        close(outbox, "a")
        assert take(outbox) == []

    run(scenario)
