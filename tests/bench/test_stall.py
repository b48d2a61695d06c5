import asyncio

import pytest

from load.bench.parts import stall
from load.bench.parts.stall import undisturbed
from load.errors import BenchError


def test_what_was_not_disturbed_is_measured_once() -> None:
    calls: list[int] = []

    async def measure() -> int:
        calls.append(1)
        return len(calls)

    assert asyncio.run(undisturbed(measure, print)) == 1


def test_a_machine_that_stands_still_each_time_gives_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stall, "LONGEST_SECONDS", -1.0)
    said: list[str] = []

    async def measure() -> int:
        return 1

    with pytest.raises(BenchError, match="stood still in 3 measurements"):
        asyncio.run(undisturbed(measure, said.append))
    assert len(said) == 3


def test_a_failure_of_its_own_is_not_tried_again() -> None:
    async def measure() -> int:
        raise BenchError("no server")

    with pytest.raises(BenchError, match="no server"):
        asyncio.run(undisturbed(measure, print))
