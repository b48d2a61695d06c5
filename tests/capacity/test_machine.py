"""One machine whose cores are shared, against theory and against the fleet."""

from dataclasses import replace

import numpy as np
import pytest
from simpy import Environment, Event
from simpy.events import ProcessGenerator

from load.capacity.answers.sizing import fixed
from load.capacity.simulate.cores import Cores, Priority
from load.capacity.simulate.machine import Machine, Measured, Setup
from tests.capacity.plans import STEADY, plan

FREE = Setup(cores=100, processes=2, seconds=20, warm_up=1, generator_cpu=0, rate=100)


def test_processor_sharing_is_theorys() -> None:
    """An M/M/1 queue with processor sharing: the mean response is the service over what is idle."""
    env, random, load = Environment(), np.random.default_rng(5), 0.6
    cores, responses = Cores(env, 1), list[float]()

    def use() -> ProcessGenerator:
        began = env.now
        yield cores.use(random.exponential(1.0), Priority.API)
        responses.append(env.now - began)

    def arrive() -> ProcessGenerator:
        while True:
            yield env.timeout(random.exponential(1 / load))
            env.process(use())

    env.process(arrive())
    env.run(until=60_000)
    assert np.mean(responses) == pytest.approx(1 / (1 - load), rel=0.05)


def ends(cores: Cores, env: Environment, *bursts: tuple[float, Priority]) -> list[float]:
    moments = [0.0] * len(bursts)

    def note(index: int, event: Event) -> ProcessGenerator:
        yield event
        moments[index] = env.now

    for index, (seconds, priority) in enumerate(bursts):
        env.process(note(index, cores.use(seconds, priority)))
    env.run()
    return moments


def test_the_api_goes_first_and_the_models_share_what_is_left() -> None:
    env = Environment()
    api, first, second = ends(Cores(env, 2), env, (1.0, Priority.API), (1.0, Priority.MODEL), (1.0, Priority.MODEL))
    # Both models have half of the second core while the API has the first, then a core each.
    assert (api, first, second) == pytest.approx((1.0, 1.5, 1.5))


def test_nobody_uses_more_than_a_core() -> None:
    env = Environment()
    assert ends(Cores(env, 8), env, (1.0, Priority.API), (2.0, Priority.MODEL)) == pytest.approx([1.0, 2.0])


def test_a_core_alone_is_faster() -> None:
    env = Environment()
    both = ends(Cores(env, 2, alone_speedup=1.25), env, (1.0, Priority.API), (2.0, Priority.API))
    assert both == pytest.approx([1.0, 1.8])


def test_a_saturated_machine_does_what_its_cores_can() -> None:
    busy = plan(traffic={"hit_rate": 0.0}, product={"chunk_tokens": 1})
    found = Machine(
        busy, Setup(cores=2, processes=2, seconds=15, warm_up=2, generator_cpu=0.0001, connections=20)
    ).run()
    cpu = 0.0001 + 0.0004 + 0.0002 + 0.0001 + 0.0005 + 0.0005 + 0.010
    assert found.throughput == pytest.approx(2 / cpu, rel=0.01)
    assert found.p50 == pytest.approx(20 / found.throughput, rel=0.02)  # Little's law


def test_texts_that_wait_share_messages() -> None:
    setup = Setup(cores=2, processes=2, seconds=15, warm_up=2, generator_cpu=0.0001, connections=20)
    alone = Machine(plan(traffic={"hit_rate": 0.0}, product={"chunk_tokens": 1}), setup).run()
    together = Machine(plan(traffic={"hit_rate": 0.0}, product={"message_work": 0.1}), setup).run()
    assert together.throughput > alone.throughput * 1.03


def test_a_lone_client_waits_for_each_part_in_turn() -> None:
    cold = plan(traffic={"hit_rate": 0.0})
    found = Machine(cold, Setup(cores=2, processes=2, seconds=5, warm_up=0, generator_cpu=0.0001, connections=1)).run()
    assert found.p50 == pytest.approx(0.0001 + 0.0004 + 0.0002 + 0.0001 + 0.0005 + 0.0005 + 0.010 + 0.001)


def test_a_machine_asleep_takes_a_moment_to_wake() -> None:
    hot = plan(costs={"idle_seconds": 0.002}, traffic={"hit_rate": 1.0})
    slow, busy = replace(FREE, rate=10, poisson=False), replace(FREE, seconds=2, connections=5)
    assert Machine(hot, slow).run().p50 == pytest.approx(0.0001 + 0.002)
    assert Machine(hot, busy).run().p99 == pytest.approx(5 * 0.0001, rel=0.05)


def test_even_gaps_do_not_queue() -> None:
    cold = plan(traffic={"hit_rate": 0.0})
    even = Machine(cold, replace(FREE, poisson=False)).run()
    random = Machine(cold, FREE).run()
    assert even.p99 == pytest.approx(even.p50)
    assert random.p99 > even.p99 * 1.5


def test_machine_and_fleet_agree_where_cores_are_not_shared() -> None:
    """Two simulators that share no queue: coroutines with a core for everyone, and a cell of one API and one worker."""
    steady = plan(
        traffic=STEADY | {"minutes": 2, "rate": 200.0, "hit_rate": 0.5, "length_mix": {8: 0.3, 32: 0.5, 80: 0.2}}
    )
    machine = Machine(steady, replace(FREE, seconds=120, rate=200)).run()
    fleet = fixed(steady, 1, 1).run().total
    simulated = Measured(fleet.requests / 120, fleet.p50, fleet.p99, fleet.miss_p50, fleet.miss_p99)
    assert fleet.worker_busy > 0.6
    for quantity in ("throughput", "p50", "p99", "miss_p50", "miss_p99"):
        assert getattr(simulated, quantity) == pytest.approx(getattr(machine, quantity), rel=0.1)
