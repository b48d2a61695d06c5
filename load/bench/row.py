"""Rows of the benchmark: their inputs, their outcomes, and measurements that they share."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeVar

import psutil

from load.bench.limits.bare_engine import Engine, bare_engine
from load.bench.parts.stack import Stack, with_stack
from load.bench.parts.stall import undisturbed
from load.errors import BenchError
from load.generate.drive import Say, Window
from load.generate.figures import Figures, summarise
from load.generate.lasting import Prepare, lasting_loop
from load.generate.plan import Plan, make_plan, texts, warm_up
from load.generate.usage import Usage

T = TypeVar("T")
_STRAYED: Final = 0.01
"""Share of answers that may be a hit where a miss was meant, or the other way round."""


@dataclass(frozen=True)
class Bench:
    """Options of the benchmark.

    Args:
        model_dir: the 66 M-parameter shape, baked.
        compact_dir: the model of the repository.
        seed: of all choices.
        runs: how often a thing is measured; the median counts.
        quick: shorter, to see that it works; its figures say little.
        pythons: interpreters of other environments by name: torch, baselines.
        say: progress.
        engines: those that have served, as ``/health`` names them.
    """

    model_dir: Path
    compact_dir: Path
    seed: int
    runs: int
    quick: bool
    pythons: Mapping[str, Path]
    say: Say
    engines: set[str] = field(default_factory=set)

    def seconds(self, full: float) -> float:
        """Return how long to measure."""
        return max(2.0, full / 4) if self.quick else full


@dataclass(frozen=True)
class Figure:
    """One number of a row, with the target where there is one."""

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None


@dataclass
class Outcome:
    """Outcome of a row."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    """Everything that the figures were made of."""
    notes: list[str] = field(default_factory=list)
    engines: list[str] = field(default_factory=list)
    """Engines that have served, as ``/health`` names them."""

    def add(self, name: str, value: float, unit: str) -> None:
        """Add a number."""
        self.figures.append(Figure(name, value, unit))

    def at_least(self, name: str, value: float, unit: str, target: float) -> None:
        """Add a number that should be so large."""
        self.figures.append(Figure(name, value, unit, f"≥ {target:g}", value >= target))

    def at_most(self, name: str, value: float, unit: str, target: float) -> None:
        """Add a number that should be so small."""
        self.figures.append(Figure(name, value, unit, f"≤ {target:g}", value <= target))


Row = Callable[[Bench], Awaitable[Outcome]]


@dataclass(frozen=True)
class Sample:
    """One measurement of one system."""

    figures: Figures
    usage: dict[str, Usage]
    began: float
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.figures.requests_per_second


async def on_stack(bench: Bench, work: Callable[[Stack], Awaitable[T]], model_dir: Path, **settings: str) -> T:
    """Do something with the product, as `with_stack` does, and note which engines serve."""

    async def noted(stack: Stack) -> T:
        bench.engines.update(stack.engines())
        return await work(stack)

    return await with_stack(noted, model_dir, **settings)


async def closed(
    bench: Bench,
    base: str,
    profile: str,
    seconds: float,
    *,
    clients: int = 10,
    processes: Mapping[str, psutil.Process] | None = None,
    salt: str | None = None,
) -> Sample:
    """Warm a system up and drive one closed loop; without a salt, texts are new to its caches each time.

    Raises:
        BenchError: it cannot be measured, or hits and misses are not those of the profile.
    """
    salts = iter([salt])  # a second try needs new texts

    async def measure() -> Sample:
        with tempfile.TemporaryDirectory(prefix="sentiment-row-") as name:
            folder = Path(name)

            async def prepare(count: int, salt: str | None) -> Plan:
                plan = await make_plan(folder, base, profile, seed=bench.seed, clients=clients, count=count, salt=salt)
                await warm_up(plan)
                return plan

            return await drive(prepare, Window(bench.seconds(seconds)), processes or {}, next(salts, None))

    sample = await undisturbed(measure, bench.say)
    if sample.figures.strayed > _STRAYED * sample.figures.requests:
        raise BenchError(
            f"{sample.figures.strayed} of {sample.figures.requests} answers were hits for misses or the reverse"
        )
    return sample


async def drive(
    prepare: Prepare, window: Window, processes: Mapping[str, psutil.Process], salt: str | None = None
) -> Sample:
    """Drive a closed loop."""
    seen, _ = await lasting_loop(prepare, window, processes, salt=salt)
    return Sample(summarise(seen.records, seen.seconds), seen.usage, seen.began, seen.seconds)


async def engine(bench: Bench, folder: Path, texts: Sequence[str], seconds: float, processes: int = 1) -> Engine:
    """Measure the engine that serves a model, with nothing around it, in so many processes at once."""
    return await undisturbed(lambda: bare_engine(folder, texts, bench.seconds(seconds), processes), bench.say)


async def cold_texts(bench: Bench, salt: str, count: int = 400) -> list[str]:
    """Return the texts that the cold profile begins with, for engines without a service around them."""
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:
        base = "http://127.0.0.1"
        plan = await make_plan(Path(folder), base, "cold", seed=bench.seed, clients=1, count=count, salt=salt)
        return texts(plan)


def middle(samples: list[Sample]) -> float:
    """Return the median of the requests a second."""
    return median(sample.rate for sample in samples)


def miss_p50(samples: list[Sample]) -> float:
    """Return the median of the misses' medians, in ms."""
    return median(sample.figures.latency["misses"]["p50"] for sample in samples)
