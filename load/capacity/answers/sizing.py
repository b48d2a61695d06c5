"""Sizes: the replicas for a steady rate, and the cells for all traffic."""

import math
from dataclasses import dataclass
from typing import Final

from load.capacity.inputs.model import Plan
from load.capacity.simulate.fleet import Fleet
from load.capacity.simulate.records import Run
from load.capacity.simulate.texts import Lengths

_FEWEST: Final = 2  # one replica may fail
_MISSES: Final = 20_000
_MINUTES: Final = (2, 30)
_TRIES: Final = 10


class NotEnoughError(Exception):
    """No number of replicas reaches the goal, because even idle replicas are too slow."""


@dataclass(frozen=True, slots=True)
class Size:
    """Fixed numbers of replicas of one cell, and a steady run with them."""

    api: int
    workers: int
    run: Run


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a plan: the number of cells, and the sizes and the simulated run of one; all cells are alike."""

    cells: int
    base: Size
    peak: Size
    run: Run


def cells(plan: Plan) -> int:
    """Return the number of cells, each with its own broker, that keeps every broker within its goal at the peak.

    One Redis runs commands on one thread, so a broker does not get faster with more replicas around it.
    """
    busy = plan.traffic.peak * plan.traffic.miss_rate * plan.costs.broker_cpu
    return max(1, math.ceil(round(busy / plan.goal.broker_utilisation, 9)))


def answer(plan: Plan) -> Answer:
    """Compute the sizes of one cell for the base rate and for the spike, then simulate it with its autoscalers.

    The default minimum of the workers is their number at the base rate: while more workers start, the admission refuses
    the excess. Nothing refuses hits, so the queue of an overloaded API grows without limit. Therefore the default
    minimum of the API is its number in the spike.

    Raises:
        NotEnoughError: the goal cannot be reached at any size.
    """
    count = cells(plan)
    cell = _with_traffic(plan, rate=plan.traffic.rate / count)
    base, peak = needed(cell, cell.traffic.rate), needed(cell, cell.traffic.peak)
    api, workers = plan.api.min_replicas or peak.api, plan.workers.min_replicas or base.workers
    return Answer(count, base, peak, Fleet(cell, api, workers).run())


def needed(plan: Plan, rate: float) -> Size:
    """Return the smallest size that reaches the goal at a steady rate.

    The search begins with the number that the goal's utilisation requires.

    Raises:
        NotEnoughError: the goal cannot be reached at any size.
    """
    traffic, goal = plan.traffic, plan.goal
    misses = rate * traffic.miss_rate
    cpu = (rate - misses) * plan.costs.hit_cpu + misses * plan.costs.miss_cpu
    busy = misses * (plan.message_seconds + Lengths(plan).mean_seconds)
    api = max(_FEWEST, math.ceil(cpu / goal.utilisation))
    workers = max(_FEWEST, math.ceil(busy / goal.utilisation / plan.workers.processes))
    shortest, longest = _MINUTES
    minutes = max(shortest, min(longest, math.ceil(_MISSES / max(1.0, misses) / 60)))
    steady = _with_traffic(plan, rate=rate, minutes=minutes, spike_minutes=0)
    for _ in range(_TRIES):
        run = fixed(steady, api, workers).run()
        if run.total.success >= goal.success and run.total.p99 <= goal.p99_seconds:
            return Size(api, workers, run)
        workers = math.ceil(workers * 1.05)
    raise NotEnoughError(f"the goal is not reached by {workers} worker replicas at {rate:g} requests/s either")


def fixed(plan: Plan, api: int, workers: int) -> Fleet:
    """Return a fleet with a fixed number of replicas."""
    still = {name: getattr(plan, name).model_copy(update={"max_replicas": 1}) for name in ("api", "workers")}
    return Fleet(plan.model_copy(update=still), api, workers)


def _with_traffic(plan: Plan, **changes: float) -> Plan:
    return plan.model_copy(update={"traffic": plan.traffic.model_copy(update=changes)})
