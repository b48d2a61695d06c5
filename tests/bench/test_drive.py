import asyncio
from pathlib import Path

import pytest

from load.errors import BenchError
from load.generate.drive import Observation, Phase, RanOutError, Window, closed_loop, open_loop
from load.generate.lasting import lasting_loop
from load.generate.plan import Plan, make_plan
from load.generate.records import Cache
from tests.bench.gate import Gate

PATIENT_MS = 10_000.0
"""Tests share their machine."""

pytestmark = pytest.mark.usefixtures("node")


def test_an_open_loop_waits_for_nobody_and_counts_from_when_a_request_was_due(tmp_path: Path) -> None:
    requests, rate = 10, 20.0

    async def run() -> Observation:
        async with Gate(waiting=requests).serving() as gate:
            plan = await make_plan(tmp_path, gate.base, "hot", seed=1, clients=1, count=100)
            phases = [Phase(requests / rate, rate, rate), Phase(1.0, 1.0, 1.0)]
            return await open_loop(plan, phases, Window(seconds=1.2, warm_up=0), {}, latest_ms=PATIENT_MS)

    observation = asyncio.run(run())
    latencies = observation.records["latency_us"]
    assert len(latencies) >= requests
    assert observation.generator["connections"] >= requests
    assert latencies.max() >= (requests - 1) / rate * 1e6, "the first waited until the last of them was due"
    assert set(observation.records["status"]) == {200}
    assert set(observation.records["seen"]) == {Cache.HIT}


@pytest.mark.usefixtures("wrk")
def test_a_closed_loop_waits_for_each_answer(tmp_path: Path) -> None:
    async def run() -> tuple[Observation, int]:
        async with Gate(takes=0.001).serving() as gate:
            plan = await make_plan(tmp_path, gate.base, "headline", seed=1, clients=3, count=10_000)
            return await closed_loop(plan, Window(seconds=1.0, warm_up=0.2), {}), gate.asked

    observation, asked = asyncio.run(run())
    records = observation.records
    assert 0 < len(records) <= asked <= observation.generator["requests"] + 3
    assert set(records["status"]) == {200}
    assert set(records["seen"]) == {Cache.HIT}
    assert set(records["expected"]) == {Cache.HIT, Cache.MISS}
    assert observation.usage.keys() == {"generator"}


@pytest.mark.usefixtures("wrk")
def test_a_closed_loop_that_runs_out_of_requests_is_no_measurement(tmp_path: Path) -> None:
    async def run() -> None:
        async with Gate().serving() as gate:
            plan = await make_plan(tmp_path, gate.base, "cold", seed=1, clients=2, count=5)
            await closed_loop(plan, Window(seconds=1.0, warm_up=0), {})

    with pytest.raises(RanOutError, match="did not last") as raised:
        asyncio.run(run())
    assert raised.value.rate > 0


@pytest.mark.usefixtures("wrk")
def test_a_closed_loop_gets_as_many_requests_as_the_rate_asks_for(tmp_path: Path) -> None:
    asked: list[tuple[int, str | None]] = []

    async def run(gate: Gate) -> Observation:
        async def prepare(count: int, salt: str | None) -> Plan:
            asked.append((count, salt))
            return await make_plan(tmp_path, gate.base, "hot", seed=1, clients=2, count=count, salt=salt)

        async with gate.serving():
            seen, plan = await lasting_loop(prepare, Window(seconds=1.0, warm_up=0), {}, salt="own")
            assert plan.count == asked[-1][0]
            return seen

    observation = asyncio.run(run(Gate(takes=0.01)))
    assert not observation.generator["exhausted"]
    (_, first), (count, second) = asked
    assert (first, second) == (None, "own"), "the short run must not know the measured texts"
    assert 10 < count <= 1.5 * 100 * 4 + 11, "at most 100 a second for each client"


@pytest.mark.usefixtures("wrk")
def test_a_slow_service_is_measured_with_a_longer_short_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("load.generate.lasting._PILOT_SECONDS", (1, 3))

    async def run() -> Observation:
        async def prepare(count: int, salt: str | None) -> Plan:
            return await make_plan(tmp_path, gate.base, "hot", seed=1, clients=1, count=count, salt=salt)

        async with (gate := Gate(takes=1.2)).serving():
            seen, _ = await lasting_loop(prepare, Window(seconds=2.0, warm_up=0), {})
            return seen

    assert len(asyncio.run(run()).records)


@pytest.mark.usefixtures("wrk")
def test_a_service_that_has_become_faster_is_measured_once_more_with_other_texts(tmp_path: Path) -> None:
    salts: list[str | None] = []

    async def run() -> None:
        gate = Gate(takes=0.1)

        async def prepare(count: int, salt: str | None) -> Plan:
            salts.append(salt)
            gate.takes = 0.1 if len(salts) == 1 else 0.005
            return await make_plan(tmp_path, gate.base, "hot", seed=1, clients=1, count=count, salt=salt)

        async with gate.serving():
            seen, _ = await lasting_loop(prepare, Window(seconds=1.0, warm_up=0), {}, salt="own")
        assert not seen.generator["exhausted"]

    asyncio.run(run())
    assert salts == [None, "own", None]


def test_a_generator_that_is_late_is_told_from_a_slow_service(tmp_path: Path) -> None:
    async def run() -> None:
        async with Gate().serving() as gate:
            plan = await make_plan(tmp_path, gate.base, "hot", seed=1, clients=1, count=50)
            await open_loop(plan, [Phase(1, 20, 20)], Window(seconds=0.5, warm_up=0), {}, latest_ms=-1)

    with pytest.raises(BenchError, match="the generator did not keep its schedule"):
        asyncio.run(run())


def test_a_service_that_is_not_there_is_seen(tmp_path: Path) -> None:
    async def run() -> Observation:
        plan = await make_plan(tmp_path, "http://127.0.0.1:1/project", "hot", seed=1, clients=1, count=50)
        phases, window = [Phase(1, 20, 20)], Window(seconds=0.5, warm_up=0)
        return await open_loop(plan, phases, window, {}, latest_ms=PATIENT_MS)

    assert set(asyncio.run(run()).records["status"]) == {0}
