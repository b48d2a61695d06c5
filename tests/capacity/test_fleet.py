"""A whole cell: nothing is lost, nothing depends on anything but the seed, and size matters as it should."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from simpy import Environment

from load.capacity.answers.sizing import NotEnoughError, answer, cells, fixed, needed
from load.capacity.inputs.model import Plan
from load.capacity.simulate.deployment import Deployment
from load.capacity.simulate.fleet import Fleet
from load.capacity.simulate.pool import LATE, REFUSED
from load.capacity.simulate.records import Run, quantiles
from tests.capacity.plans import STEADY, plan

OVERLOAD = {"rate": 4000.0, "spike_factor": 3.0, "spike_start": 1, "spike_minutes": 2, "minutes": 5}


def with_traffic(base: Plan, **changes: Any) -> Plan:
    return base.model_copy(update={"traffic": base.traffic.model_copy(update=changes)})


@pytest.fixture(scope="module")
def overloaded() -> Run:
    """A spike that two workers cannot take, with a share of the deadline so large that some work is late."""
    hasty = {"deadline": 0.5, "queue_share": 1.1}
    return Fleet(plan(traffic=OVERLOAD, product=hasty), api=2, workers=2).run()


def test_every_arrival_ends_once(overloaded: Run) -> None:
    total, outcome = overloaded.total, overloaded.outcome
    assert total.requests == total.hits + total.answered + total.refused + total.late
    assert total.hits == sum(record.hits for record in overloaded.records)
    assert ((outcome > 0) | (outcome == REFUSED) | (outcome == LATE)).all()
    assert min(total.answered, total.refused, total.late) > 0
    assert sum(minute.requests for minute in overloaded.minutes) == total.requests
    expected = 4000 * 60 * (3 + 2 * 3)
    assert total.requests == pytest.approx(expected, rel=0.01)
    assert len(np.unique(overloaded.arrived)) == len(overloaded.arrived)


def test_nothing_is_answered_after_its_deadline(overloaded: Run) -> None:
    path = overloaded.plan.path_seconds + overloaded.plan.costs.miss_cpu
    assert overloaded.total.miss_p99 <= 0.5 + path + 0.02  # waits in the API, before the deadline runs, come on top


def test_the_same_seed_gives_the_same_run() -> None:
    short = plan(traffic=STEADY | {"rate": 500.0, "minutes": 1})
    runs = [Fleet(short.model_copy(update={"seed": seed}), 2, 2).run() for seed in (1, 1, 2)]
    same, again, other = (run.total for run in runs)
    assert same == again
    assert (runs[0].outcome == runs[1].outcome).all()
    assert same != other


def test_more_workers_never_make_it_slower() -> None:
    steady = plan(traffic=STEADY | {"rate": 6000.0})
    p99 = [fixed(steady, 2, workers).run().total.miss_p99 for workers in (2, 3, 4, 8)]
    assert all(more <= fewer * 1.02 for fewer, more in pairwise(p99))
    assert p99[-1] < p99[0] / 2


def test_cells_of_different_size_agree_where_their_queues_are_large() -> None:
    whole = plan(traffic=STEADY | {"rate": 90_000.0, "minutes": 1})
    totals = {
        count: fixed(with_traffic(whole, rate=90_000.0 / count), 24 // count, 40 // count).run().total
        for count in (1, 2, 8)
    }
    for quantity in ("p50", "p99", "miss_p50", "miss_p99"):
        assert getattr(totals[2], quantity) == pytest.approx(getattr(totals[1], quantity), rel=0.02)
    assert totals[8].miss_p99 > totals[1].miss_p99 * 1.2  # eight queues of 10 processes are not one of 80


def test_the_spike_is_followed_by_the_autoscaler() -> None:
    run = Fleet(plan(traffic=OVERLOAD | {"minutes": 12}, api={"max_replicas": 1}), api=8, workers=2).run()
    before, first, second, *_, last = run.minutes
    assert before.worker_replicas < second.worker_replicas
    assert first.refused > 0
    assert second.refused == 0
    assert second.miss_p99 < first.miss_p99
    # Nothing goes down within the window of five minutes, then it does.
    assert run.minutes[6].workers_asked == second.workers_asked
    assert last.workers_asked < second.workers_asked


def test_a_pod_takes_its_time_and_is_paid_for_it() -> None:
    env = Environment()
    changes: list[tuple[float, int]] = []
    deployment = Deployment(env, 2, 10.0, lambda: changes.append((env.now, deployment.ready)))
    env.run(until=5)
    deployment.scale(4)
    env.run(until=8)
    deployment.scale(3)  # one of those that start is not wanted any more
    env.run(until=20)
    deployment.scale(1)
    env.run(until=30)
    assert changes == [(15.0, 3), (20.0, 1)]
    assert deployment.pod_seconds == 5 * 2 + 3 * 4 + 12 * 3 + 10 * 1


def test_needed_replicas_are_the_fewest_that_keep_the_goal() -> None:
    wanted = plan(traffic=STEADY, goal={"utilisation": 0.8})
    size = needed(wanted, 10_000.0)
    # 9,500 hits of 0.1 ms and 500 misses of 0.4 ms are 1.15 CPUs; 500 texts of 11 ms are 5.5 processes, two a worker.
    assert (size.api, size.workers) == (2, 4)
    assert size.run.total.success == 1


def test_a_goal_that_no_size_reaches_is_refused() -> None:
    with pytest.raises(NotEnoughError, match="not reached"):
        needed(plan(traffic=STEADY | {"hit_rate": 0.5}, goal={"p99_seconds": 0.005}), 100.0)


def test_one_broker_takes_so_many_misses() -> None:
    # 0.2 ms a miss, at most 70 % busy: 3,500 misses a second, which are 70,000 requests at the peak.
    assert cells(plan(traffic={"rate": 70_000.0 / 3})) == 1
    assert cells(plan(traffic={"rate": 70_001.0 / 3})) == 2
    assert cells(plan(traffic={"rate": 70_000.0, "spike_minutes": 0})) == 1


def test_cost_counts_every_pod_and_what_stands_beside() -> None:
    small = plan(traffic=STEADY | {"rate": 100.0}, money={"vcpu_hour": 0.06, "other_vcpus": 4})
    run = fixed(small, 2, 3).run()
    vcpu_hours = (2 * 1 + 3 * 2 + 4) * 4 / 60
    assert run.cost_per_million == pytest.approx(vcpu_hours * 0.06 / run.total.requests * 1e6)


def test_an_answer_sizes_the_api_for_the_spike_and_the_workers_for_the_base() -> None:
    found = answer(plan(traffic=OVERLOAD | {"rate": 20_000.0, "minutes": 2, "spike_minutes": 1}))
    assert found.cells == 1
    assert found.run.records[0].api == found.peak.api > found.base.api
    assert found.run.records[0].workers == found.base.workers < found.peak.workers


def test_quantiles_are_weighted() -> None:
    assert quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 98.0, 1.0]), (0.5, 0.985, 1.0)) == [1.0, 2.0, 3.0]
    assert np.isnan(quantiles(np.array([]), np.array([]), (0.5,)))


def test_no_request_missing_and_every_request_missing() -> None:
    hot = fixed(plan(traffic=STEADY | {"hit_rate": 1.0, "minutes": 1}), 1, 1).run().total
    assert hot.requests == hot.hits > 0
    assert np.isnan(hot.miss_p99)
    cold = fixed(plan(traffic=STEADY | {"hit_rate": 0.0, "rate": 50.0, "minutes": 1}), 1, 1).run().total
    assert cold.requests == cold.answered > 0
    assert cold == replace(cold, hits=0)
