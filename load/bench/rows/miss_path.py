"""(b) The miss path against the engine that serves, with nothing around it."""

import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from load.bench.limits.bare_engine import Engine
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, Sample, closed, cold_texts, engine, middle, miss_p50, on_stack
from shared.process.cpus import available_cpus

_ALONE_SECONDS: Final = 4.0
_SATURATED_SECONDS: Final = 6.0
_LARGE: Final = "66 M"


@dataclass
class _Measured:
    """The measurements of all repetitions."""

    engine: list[Engine] = field(default_factory=list)
    engines: list[Engine] = field(default_factory=list)
    """Figures of one engine for each core, running at the same time."""
    alone: list[Sample] = field(default_factory=list)
    saturated: list[Sample] = field(default_factory=list)


async def run(bench: Bench) -> Outcome:
    """Measure both models."""
    outcome = Outcome("A miss against the engine that serves, with nothing around it, on the same texts")
    for name, folder in ((_LARGE, bench.model_dir), ("compact", bench.compact_dir)):
        _judge(outcome, name, await _measure(bench, name, folder))
    return outcome


async def _measure(bench: Bench, name: str, folder: Path) -> _Measured:
    measured = _Measured()

    async def work(stack: Stack) -> None:
        for number in range(bench.runs):
            bench.say(f"{name}, run {number + 1} of {bench.runs}")
            await _repeat(bench, stack, folder, measured)

    await on_stack(bench, work, folder)
    return measured


async def _repeat(bench: Bench, stack: Stack, folder: Path, measured: _Measured) -> None:
    """Measure engine and service with the same texts, which are new to the service."""
    one, many = secrets.token_hex(2), secrets.token_hex(2)
    async with stack.frozen():
        measured.engine.append(await engine(bench, folder, await cold_texts(bench, one), _ALONE_SECONDS))
        texts = await cold_texts(bench, many)
        measured.engines.append(await engine(bench, folder, texts, _SATURATED_SECONDS, available_cpus()))
    parts = stack.processes
    measured.alone.append(await closed(bench, stack.base, "cold", _ALONE_SECONDS, clients=1, processes=parts, salt=one))
    measured.saturated.append(await closed(bench, stack.base, "cold", _SATURATED_SECONDS, processes=parts, salt=many))


def _judge(outcome: Outcome, name: str, measured: _Measured) -> None:
    alone = median(one.p50_ms for one in measured.engine)
    overhead = miss_p50(measured.alone) - alone
    share = middle(measured.saturated) / median(engines.per_second for engines in measured.engines)
    outcome.add(f"{name}: bare engine, p50", alone, "ms")
    outcome.at_most(f"{name}: one miss after another, p50 above the engine", overhead, "ms", 1.5)
    of_cores = f"{name}: saturated / bare engines"
    if name == _LARGE:
        outcome.at_least(of_cores, share, "x", 0.75)
    else:
        outcome.add(of_cores, share, "x")
    outcome.add(f"{name}: saturated", middle(measured.saturated), "requests/s")
    outcome.data[name] = asdict(measured)
