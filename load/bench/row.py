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
from load.errors import BenchError, StoppedError
from load.generate.drive import Say, Window
from load.generate.figures import Figures, summarise
from load.generate.lasting import Prepare, lasting_loop
from load.generate.plan import Plan, make_plan, texts, warm_up
from load.generate.usage import Usage

T = TypeVar("T")
_STRAYED: Final = 0.01
"""Largest accepted share of answers that are a hit instead of a miss, or the other way round."""


@dataclass(frozen=True)
class Bench:
    """Options of the benchmark.

    Args:
        model_dir: folder of the baked model with 66 M parameters.
        compact_dir: folder of the repository's model.
        seed: seed of all random choices.
        runs: number of measurements of each figure, of which the median counts.
        quick: whether measurements are short, only to test the benchmark; the figures are not reliable.
        pythons: interpreters of other environments, by the names of `load.bench.paths.PYTHONS`.
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
        """Return the length of a measurement in seconds."""
        return max(2.0, full / 4) if self.quick else full


@dataclass(frozen=True)
class Figure:
    """One number of a row, with its target if there is one."""

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None


@dataclass
class Outcome:
    """The outcome of a row."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    """All measurements from which the figures were computed."""
    notes: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Measurements that were not possible, with the reason."""
    engines: list[str] = field(default_factory=list)
    """Engines that have served, as ``/health`` names them."""

    def add(self, name: str, value: float, unit: str) -> None:
        """Add a number without a target."""
        self.figures.append(Figure(name, value, unit))

    def at_least(self, name: str, value: float, unit: str, target: float) -> None:
        """Add a number that should be at least the target."""
        self.figures.append(Figure(name, value, unit, f"≥ {target:g}", value >= target))

    async def attempt(self, name: str, measurement: Awaitable[T]) -> list[T]:
        """Return a list with one measurement; if it is not possible, note a gap and return an empty list."""
        try:
            return [await measurement]
        except StoppedError:
            raise
        except BenchError as error:
            self.gaps.append(f"{name}: {error}")
            return []

    def at_most(self, name: str, value: float, unit: str, target: float) -> None:
        """Add a number that should be at most the target."""
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
        """Requests per second."""
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
    adapt: Callable[[Plan], None] = lambda _: None,
) -> Sample:
    """Warm a system up and drive one closed loop; without a salt, a random one makes all texts new to its caches.

    Args:
        bench: the options.
        base: base URL of the system's predictions.
        profile: name of a profile of `load/traffic`.
        seconds: length of the measurement.
        clients: number of connections.
        processes: the processes whose CPU time is measured, by part.
        salt: part of every text.
        adapt: rewrites the requests for a system with another interface.

    Raises:
        BenchError: the system cannot be measured, or hits and misses are not those of the profile.
    """
    salts = iter([salt])  # a second try needs new texts

    async def measure() -> Sample:
        with tempfile.TemporaryDirectory(prefix="sentiment-row-") as name:
            folder = Path(name)

            async def prepare(count: int, salt: str | None) -> Plan:
                plan = await make_plan(folder, base, profile, seed=bench.seed, clients=clients, count=count, salt=salt)
                adapt(plan)
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
    """Drive a closed loop, and return its sample."""
    seen, _ = await lasting_loop(prepare, window, processes, salt=salt)
    return Sample(summarise(seen.records, seen.seconds), seen.usage, seen.began, seen.seconds)


async def engine(bench: Bench, folder: Path, texts: Sequence[str], seconds: float, processes: int = 1) -> Engine:
    """Measure the engine that serves a model, with nothing around it, in so many processes at once."""
    return await undisturbed(lambda: bare_engine(folder, texts, bench.seconds(seconds), processes), bench.say)


async def cold_texts(bench: Bench, salt: str, count: int = 400) -> list[str]:
    """Return the first texts of the cold profile, for engines without a service."""
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:
        base = "http://127.0.0.1"
        plan = await make_plan(Path(folder), base, "cold", seed=bench.seed, clients=1, count=count, salt=salt)
        return texts(plan)


def middle(samples: list[Sample]) -> float:
    """Return the median of the samples' requests per second."""
    return median(sample.rate for sample in samples)


def miss_p50(samples: list[Sample]) -> float:
    """Return the median over the samples of the median latency of misses, in ms."""
    return median(sample.figures.latency["misses"]["p50"] for sample in samples)
