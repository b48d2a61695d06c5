import asyncio
from pathlib import Path

import pytest

from load.errors import BenchError
from load.generate.drive import Observation, Phase, Window, closed_loop, open_loop
from load.generate.plan import make_plan
from load.generate.records import Cache
from tests.bench.gate import Gate

pytestmark = pytest.mark.usefixtures("node")


def test_an_open_loop_waits_for_nobody_and_counts_from_when_a_request_was_due(tmp_path: Path) -> None:
    requests, rate = 10, 20.0

    async def run() -> Observation:
        async with Gate(waiting=requests).serving() as gate:
            plan = await make_plan(tmp_path, gate.base, "hot", seed=1, clients=1, count=100)
            phases = [Phase(requests / rate, rate, rate), Phase(1.0, 1.0, 1.0)]
            return await open_loop(plan, phases, Window(seconds=1.2, warm_up=0), {})

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

    with pytest.raises(BenchError, match="did not last"):
        asyncio.run(run())


def test_a_service_that_is_not_there_is_seen(tmp_path: Path) -> None:
    async def run() -> Observation:
        plan = await make_plan(tmp_path, "http://127.0.0.1:1/project", "hot", seed=1, clients=1, count=50)
        return await open_loop(plan, [Phase(1, 20, 20)], Window(seconds=0.5, warm_up=0), {})

    assert set(asyncio.run(run()).records["status"]) == {0}
