"""(h) The headline profile and the constant rate of the article, against the ideal of the run with the yardstick."""

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from load.bench.limits.bare_engine import Engine
from load.bench.limits.ideal import Costs, ideal_rate
from load.bench.limits.noop_task import noop_task_seconds
from load.bench.limits.yardstick_folder import yardstick_folder
from load.bench.parts.servers import another_api, noop
from load.bench.parts.stack import Stack
from load.bench.parts.stall import undisturbed
from load.bench.row import Bench, Outcome, Sample, closed, cold_texts, engine, on_stack
from load.generate.drive import Phase, Window, open_loop
from load.generate.figures import Figures, summarise
from load.generate.plan import make_plan, warm_up
from shared.process.cpus import available_cpus
from worker.engines.manifest import load_manifest

_RATE: Final = 56.0
_MISS_SHARE: Final = 0.05
_HEADLINE_SECONDS: Final = 8.0
_OPEN_SECONDS: Final = 20.0
_LATEST_MS: Final = 10.0
"""Largest accepted p99 of the generator's delay in ms; much less than the time of a text, the unit of the target."""
_NOOP_SECONDS: Final = 4.0
_ENGINE_SECONDS: Final = 3.0
_LAG_SECONDS: Final = 4.0


@dataclass
class _Measured:
    """The measurements of all repetitions."""

    noop: list[Sample] = field(default_factory=list)
    engine: list[Engine] = field(default_factory=list)
    """The yardstick."""
    task: list[float] = field(default_factory=list)
    """CPU seconds of an empty task."""
    headline: list[Sample] = field(default_factory=list)
    open: list[Figures] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    """p99 of the event loop's lag in ms."""


async def run(bench: Bench) -> Outcome:
    """Measure the costs of the ideal and the product alternately."""
    texts = await cold_texts(bench, "e")
    measured = _Measured()
    outcome = Outcome("The headline profile against the ideal of the run; E is the yardstick's time for one text")
    yardstick = yardstick_folder(bench.model_dir)

    async def work(stack: Stack) -> None:
        async with noop() as nothing:
            for number in range(bench.runs):
                which = f"run {number + 1} of {bench.runs}"
                async with stack.frozen():
                    bench.say(f"no-op endpoint, yardstick, no-op task, {which}")
                    processes = {"server": nothing.process}
                    measured.noop.append(await closed(bench, nothing.base, "hot", _NOOP_SECONDS, processes=processes))
                    measured.engine.append(await engine(bench, yardstick, texts, _ENGINE_SECONDS))
                    measured.task.append(await noop_task_seconds())
                await _drive(bench, stack, outcome, measured, which)

    await on_stack(bench, work, bench.model_dir)
    _judge(outcome, measured)
    outcome.data["yardstick"] = load_manifest(yardstick).files
    return outcome


async def _drive(bench: Bench, stack: Stack, outcome: Outcome, measured: _Measured, which: str) -> None:
    bench.say(f"headline, {which}")
    measured.headline.append(await closed(bench, stack.base, "headline", _HEADLINE_SECONDS, processes=stack.processes))
    bench.say(f"{_RATE:.0f} requests a second, {which}")
    even = undisturbed(lambda: _open(bench, stack), bench.say)
    measured.open += await outcome.attempt(f"{_RATE:.0f}/s, {which}", even)
    bench.say(f"event loop, {which}")
    measured.lag += await outcome.attempt(f"event loop, {which}", _lag(bench, stack))


async def _open(bench: Bench, stack: Stack) -> Figures:
    window = Window(bench.seconds(_OPEN_SECONDS))
    seconds = window.warm_up + window.seconds + 1
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:
        count = round(seconds * _RATE) + 1
        plan = await make_plan(Path(folder), stack.base, "open", seed=bench.seed, clients=1, count=count)
        await warm_up(plan)
        phases = [Phase(seconds, _RATE, _RATE)]
        seen = await open_loop(plan, phases, window, stack.processes, latest_ms=_LATEST_MS)
    return summarise(seen.records, seen.seconds)


async def _lag(bench: Bench, stack: Stack) -> float:
    """Return the p99 of the event loop's lag in ms, in an additional API process with the headline profile."""
    with tempfile.NamedTemporaryFile() as file:
        async with another_api(stack, "load.bench.parts.lag_api", variables={"BENCH_LAG_FILE": file.name}) as api:
            sample = await closed(bench, api.base, "headline", _LAG_SECONDS)
        moments, lags = np.loadtxt(file.name, unpack=True)
    within = (moments >= sample.began) & (moments < sample.began + sample.seconds)
    return float(np.percentile(lags[within], 99))


def _judge(outcome: Outcome, measured: _Measured) -> None:
    headline = measured.headline
    costs = Costs(
        cores=available_cpus(),
        generator=median(sample.usage["generator"].cores for sample in headline),
        request=median(sample.usage["server"].cpu_seconds / sample.figures.requests for sample in measured.noop),
        miss_share=_MISS_SHARE,
        engine=median(engine.cpu_ms for engine in measured.engine) / 1000,
        task=median(measured.task),
    )
    engine_ms = median(engine.p50_ms for engine in measured.engine)
    ideal, rate = ideal_rate(costs), median(sample.rate for sample in headline)
    outcome.add("E", engine_ms, "ms")
    outcome.add("no-op request, CPU", costs.request * 1e6, "µs")
    outcome.add("no-op task, CPU", costs.task * 1e3, "ms")
    outcome.add("generator", costs.generator, "cores")
    outcome.add("ideal", ideal, "requests/s")
    outcome.add("headline", rate, "requests/s")
    outcome.at_least("headline / ideal", rate / ideal, "x", 1.35)
    outcome.at_most("headline: median", _all(headline, "p50"), "ms", 2)
    outcome.at_most("headline: p99 / E", _all(headline, "p99") / engine_ms, "x", 6.5)
    outcome.at_least("headline: success", min(sample.figures.success for sample in headline), "share", 1)
    if measured.open:
        p99 = median(figures.latency["all"]["p99"] for figures in measured.open)
        outcome.at_most(f"{_RATE:.0f}/s: p99 / E", p99 / engine_ms, "x", 3.5)
    if measured.lag:
        outcome.at_most("event loop: lag, p99", median(measured.lag), "ms", 5)
    outcome.data = _data(measured, costs)


def _all(samples: list[Sample], key: str) -> float:
    return median(sample.figures.latency["all"][key] for sample in samples)


def _data(measured: _Measured, costs: Costs) -> dict[str, Any]:
    return {"costs": asdict(costs)} | asdict(measured)
