"""(c2) Other serving systems with the same weights and nothing cached."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from load.bench.limits.yardstick_folder import yardstick_folder
from load.bench.models.fp32 import fp32_folder
from load.bench.parts.environments import has
from load.bench.parts.servers import server
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, Sample, closed, middle, on_stack
from load.generate.plan import Plan, rewrite
from shared.stack.ports import free_port
from worker.engines.loading import NATIVE

_SECONDS: Final = 5.0
_START_SECONDS: Final = 120.0
_OURS: Final = "ours"
_INSIDE: Final = "LitServe, our engine"
_TORCH: Final = "Infinity, torch"


@dataclass(frozen=True)
class _System:
    """A system for comparison.

    Args:
        package: the package that must be installed.
        environment: name in `Bench.pythons`.
        command: module and options.
        folder: returns the folder that it serves, for a baked model.
        adapt: rewrites the requests; see `load.bench.row.closed`.
    """

    package: str
    environment: str
    command: tuple[str, ...]
    folder: Callable[[Path], Path]
    adapt: Callable[[Plan], None] = lambda _: None


def _own_folder(model_dir: Path) -> Path:
    return model_dir


def _classify(plan: Plan) -> None:
    rewrite(plan, "/classify", lambda text: {"model": "sentiment", "input": [text]})


def _litserve(folder: Callable[[Path], Path], *options: str) -> _System:
    return _System("litserve", "rivals", ("load.baselines.litserve_app", *options), folder)


def _infinity(engine: str, folder: Callable[[Path], Path]) -> _System:
    command = ("load.baselines.infinity_app", "--engine", engine)
    return _System("infinity_emb", "infinity", command, folder, _classify)


_SYSTEMS: Final = {
    "LitServe, yardstick": _litserve(yardstick_folder),
    "LitServe, our graph": _litserve(_own_folder),
    _INSIDE: _litserve(_own_folder, "--engine", NATIVE),
    "BentoML, yardstick": _System("bentoml", "rivals", ("load.baselines.bentoml_app",), yardstick_folder),
    "Infinity, yardstick": _infinity("optimum", yardstick_folder),
    _TORCH: _infinity("torch", fp32_folder),
}


async def run(bench: Bench) -> Outcome:
    """Measure the installed systems alternately on both models; the product is frozen while another one runs."""
    outcome = Outcome("Other serving systems on the same weights, nothing cached, 10 users")
    present = {name: own for name, own in _SYSTEMS.items() if has(bench.pythons[own.environment], own.package)}
    missing = {(own.package, own.environment): None for name, own in _SYSTEMS.items() if name not in present}
    outcome.notes += [f"no {package} in {bench.pythons[environment]}: skipped" for package, environment in missing]
    if present:
        _judge(outcome, "66 M", await _measure(bench, outcome, bench.model_dir, present), 1.6, 1.1)
        present.pop(_TORCH, None)  # several times slower than its other engine, so it is not the best of them
        _judge(outcome, "compact", await _measure(bench, outcome, bench.compact_dir, present), 1.3, None)
    return outcome


async def _measure(
    bench: Bench, outcome: Outcome, model_dir: Path, present: dict[str, _System]
) -> dict[str, list[Sample]]:
    folders = {name: system.folder(model_dir) for name, system in present.items()}
    samples: dict[str, list[Sample]] = {name: [] for name in (_OURS, *present)}

    async def work(stack: Stack) -> None:
        for number in range(bench.runs):
            bench.say(f"ours with {model_dir}, run {number + 1} of {bench.runs}")
            samples[_OURS].append(await closed(bench, stack.base, "cold", _SECONDS, processes=stack.processes))
            async with stack.frozen():
                for name, system in present.items():
                    bench.say(f"{name}, run {number + 1} of {bench.runs}")
                    samples[name] += await outcome.attempt(name, _one(bench, system, folders[name]))

    await on_stack(bench, work, model_dir)
    return {name: own for name, own in samples.items() if own}


async def _one(bench: Bench, system: _System, folder: Path) -> Sample:
    port = free_port()
    module, *options = system.command
    python = str(bench.pythons[system.environment])
    command = (python, "-m", module, "--port", str(port), "--model-dir", str(folder), *options)
    async with server(command, port, seconds=_START_SECONDS) as running:
        return await closed(bench, running.base, "cold", _SECONDS, adapt=system.adapt)


def _judge(outcome: Outcome, shape: str, samples: dict[str, list[Sample]], best: float, inside: float | None) -> None:
    """Compare with the best of the systems as their users run them, and with the one that has our engine inside."""
    rates = {name: middle(own) for name, own in samples.items()}
    for name, rate in rates.items():
        outcome.add(f"{shape}, {name}", rate, "requests/s")
        success = min(sample.figures.success for sample in samples[name])
        if success < 1:
            outcome.notes.append(f"{shape}, {name}: {success:.2%} answered with 200")
    if others := [rate for name, rate in rates.items() if name not in {_OURS, _INSIDE}]:
        outcome.at_least(f"{shape}: ours / the best as their users run them", rates[_OURS] / max(others), "x", best)
    if _INSIDE in rates:
        name, ratio = f"{shape}: ours / {_INSIDE}", rates[_OURS] / rates[_INSIDE]
        outcome.add(name, ratio, "x") if inside is None else outcome.at_least(name, ratio, "x", inside)
    outcome.data[shape] = {name: [asdict(sample) for sample in own] for name, own in samples.items()}
