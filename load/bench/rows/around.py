"""(b2) CPU around the engine for a miss at saturation, in the shape of the repository's model."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, Final

from load.bench.parts.stack import Stack
from load.bench.parts.timed_engine import FOLDER, SPEC, passes
from load.bench.row import Bench, Outcome, Sample, closed, on_stack

_SECONDS: Final = 6.0
_TARGETS: Final = {10: 0.9, 64: 0.5}
"""CPU of a miss in ms by the number of users."""
_NOT_SERVING: Final = {"generator", "launcher"}


async def run(bench: Bench) -> Outcome:
    """Measure each number of users with an engine that records its passes."""
    outcome = Outcome("CPU for a miss around the engine, saturated, compact")
    samples: dict[int, list[dict[str, Any]]] = {users: [] for users in _TARGETS}
    with tempfile.TemporaryDirectory(prefix="sentiment-passes-") as folder, _variable(FOLDER, folder):

        async def work(stack: Stack) -> None:
            for number in range(bench.runs):
                for users, own in samples.items():
                    bench.say(f"{users} users, run {number + 1} of {bench.runs}")
                    parts = stack.processes
                    sample = await closed(bench, stack.base, "cold", _SECONDS, clients=users, processes=parts)
                    own.append(_cost(sample, Path(folder)))

        await on_stack(bench, work, bench.compact_dir, engine=SPEC)
    _judge(outcome, samples)
    return outcome


def _cost(sample: Sample, folder: Path) -> dict[str, Any]:
    """Return the CPU of a miss in ms by part; the engine's is taken from the model processes."""
    engine, texts = passes(folder, sample.began, sample.seconds)
    cpu = {name: usage.cpu_seconds for name, usage in sample.usage.items() if name not in _NOT_SERVING}
    around = (sum(cpu.values()) - engine) / sample.figures.requests * 1000
    return {"around_ms": around, "engine_ms": engine / texts * 1000, "cpu_seconds": cpu, "sample": asdict(sample)}


def _judge(outcome: Outcome, samples: Mapping[int, list[dict[str, Any]]]) -> None:
    for users, own in samples.items():
        outcome.at_most(f"{users} users", median(one["around_ms"] for one in own), "ms", _TARGETS[users])
        outcome.add(f"{users} users: engine", median(one["engine_ms"] for one in own), "ms")
        outcome.data[f"{users} users"] = own
    outcome.notes.append("all processes but the generator and the launcher, which is the benchmark itself")


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment inside the context."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
