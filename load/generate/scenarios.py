"""The scenarios of `make bench-load`."""

import asyncio
import json
import math
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from load.generate.drive import LATEST_MS, Observation, Phase, Say, Window, open_loop
from load.generate.lasting import lasting_loop
from load.generate.plan import Plan, make_plan, warm_up
from load.generate.tools import GENERATORS, node

_BURST: Final = 20
_BURST_REST_SECONDS: Final = 5.0
_OPEN_JOBS: Final = 10
_MARGIN_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Order:
    """The settings of a run.

    Args:
        seconds: length of the measurement.
        warm_up: seconds before the measurement.
        connections: number of connections of a closed loop.
        rate: requests per second of an open loop.
        seed: seed of all random choices.
        poisson: whether the gaps of an open loop are random.
        latest_ms: largest accepted p99 of the generator's delay in an open loop.
    """

    seconds: float = 30.0
    warm_up: float = 2.0
    connections: int = 10
    rate: float = 56.0
    seed: int = 1
    poisson: bool = False
    latest_ms: float = LATEST_MS

    @property
    def window(self) -> Window:
        """The window of the measurement."""
        return Window(self.seconds, self.warm_up)


@dataclass(frozen=True)
class Scenario:
    """A profile, and the kind of loop that sends it.

    Args:
        text: description.
        profile: name of a profile of `load/traffic`.
        phases: makes the phases of an open loop; None for a closed loop.
        jobs: number of jobs that are unfinished all the time.
    """

    text: str
    profile: str
    phases: Callable[[Order], list[Phase]] | None = None
    jobs: int = 0


@dataclass
class Run:
    """The result of a scenario."""

    observation: Observation
    salt: str
    jobs: dict[str, Any] = field(default_factory=dict)


def _steady(order: Order) -> list[Phase]:
    return [Phase(order.warm_up + order.seconds + _MARGIN_SECONDS, order.rate, order.rate)]


def _burst(order: Order) -> list[Phase]:
    """Return the phases of a burst: from 0 to twenty times the rate in one second, hold, back, then the rate itself."""
    top = _BURST * order.rate
    rest = order.warm_up + _BURST_REST_SECONDS + _MARGIN_SECONDS
    hold = max(1.0, order.seconds - _BURST_REST_SECONDS - 2)
    return [Phase(1, 0, top), Phase(hold, top, top), Phase(1, top, order.rate), Phase(rest, order.rate, order.rate)]


SCENARIOS: Final = {
    "headline": Scenario("closed loop, 95 % of requests repeat one of 20 texts", "headline"),
    "hot": Scenario("closed loop, every request repeats one of 20 texts", "hot"),
    "cold": Scenario("closed loop, no text is ever repeated", "cold"),
    "skewed": Scenario("closed loop, Zipf over 100,000 texts, batches mixed", "skewed"),
    "open": Scenario("constant arrival rate, 95 % repeated", "open", _steady),
    "burst": Scenario("0 to 20 times the rate in one second, 95 % repeated", "burst", _burst),
    "lanes": Scenario("constant arrival rate beside a flood of jobs", "lanes", _steady, _OPEN_JOBS),
}


async def run_scenario(
    name: str, order: Order, base: str, folder: Path, processes: Mapping[str, psutil.Process], say: Say
) -> Run:
    """Make the traffic of a scenario, warm up, send the traffic and return the result.

    Args:
        name: a key of `SCENARIOS`.
        order: settings of the run.
        base: base URL of the predictions.
        folder: folder for the requests.
        processes: the processes whose CPU time is measured, by part.
        say: writes a line of progress.

    Raises:
        BenchError: the measurement was not possible.
    """
    scenario = SCENARIOS[name]
    phases = scenario.phases(order) if scenario.phases else None
    clients = 1 if phases else order.connections

    async def prepare(count: int, salt: str | None) -> Plan:
        say("making the requests")
        options = {"seed": order.seed, "clients": clients, "count": count}
        plan = await make_plan(folder, base, scenario.profile, salt=salt, **options)
        say("warming the caches")
        await warm_up(plan)
        return plan

    if phases is None:
        observation, plan = await lasting_loop(prepare, order.window, processes, say=say)
        return Run(observation, plan.salt)
    plan = await prepare(due(phases), None)
    window = Window(order.seconds, 0.0) if scenario.phases is _burst else order.window
    poisson = order.seed if order.poisson else None
    async with flood(scenario.jobs, base, order.seed, plan.salt) as jobs:
        observation = await open_loop(
            plan, phases, window, processes, poisson=poisson, latest_ms=order.latest_ms, say=say
        )
    return Run(observation, plan.salt, jobs)


def due(phases: Sequence[Phase]) -> int:
    """Return the largest number of requests that an open loop needs; with random gaps it can be above the mean."""
    mean: float = sum((phase.begin + phase.end) / 2 * phase.seconds for phase in phases)
    return round(mean + 6 * math.sqrt(mean) + 10)


@asynccontextmanager
async def flood(jobs: int, base: str, seed: int, salt: str) -> AsyncIterator[dict[str, Any]]:
    """Keep a number of jobs unfinished inside the context; afterwards the yielded dictionary has their outcomes."""
    tally: dict[str, Any] = {}
    if not jobs:
        yield tally
        return
    options = ["--base", base, "--seed", str(seed), "--salt", salt, "--open", str(jobs)]
    child = await asyncio.create_subprocess_exec(
        node(), str(GENERATORS / "job_flood.js"), *options, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield tally
    finally:
        child.send_signal(signal.SIGTERM)
        output, _ = await child.communicate()
    tally.update(json.loads(output))
