"""(c2) Other serving systems with the same model file and nothing cached."""

from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from load.bench.parts.environments import has
from load.bench.parts.servers import Server, server
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, Sample, closed, middle, on_stack
from shared.stack.ports import free_port

_SECONDS = 6.0
_START_SECONDS = 120.0
_SYSTEMS: Final = {
    "LitServe": ("litserve", "load.baselines.litserve_app"),
    "BentoML": ("bentoml", "load.baselines.bentoml_app"),
}


async def run(bench: Bench) -> Outcome:
    """Measure the installed systems alternately; the product is frozen while another one runs."""
    outcome = Outcome("Other serving systems on the same model file, nothing cached, 10 users")
    python = bench.pythons["baselines"]
    present = {name: module for name, (package, module) in _SYSTEMS.items() if has(python, package)}
    outcome.notes += [f"{name} is not installed in {python}: skipped" for name in _SYSTEMS if name not in present]
    if present:
        _judge(outcome, await _measure(bench, python, present))
    return outcome


async def _measure(bench: Bench, python: Path, present: dict[str, str]) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {name: [] for name in ("ours", *present)}

    async def work(stack: Stack) -> None:
        for number in range(bench.runs):
            bench.say(f"run {number + 1} of {bench.runs}")
            samples["ours"].append(await closed(bench, stack.base, "cold", _SECONDS, processes=stack.processes))
            async with stack.frozen():
                for name, module in present.items():
                    samples[name].append(await _one(bench, python, module))

    await on_stack(bench, work, bench.model_dir)
    return samples


async def _one(bench: Bench, python: Path, module: str) -> Sample:
    port = free_port()
    command = (str(python), "-m", module, "--port", str(port), "--model-dir", str(bench.model_dir))
    async with AsyncExitStack() as stack:
        running: Server = await stack.enter_async_context(server(command, port, seconds=_START_SECONDS))
        return await closed(bench, running.base, "cold", _SECONDS)


def _judge(outcome: Outcome, samples: dict[str, list[Sample]]) -> None:
    rates = {name: middle(own) for name, own in samples.items()}
    for name, rate in rates.items():
        outcome.add(f"{name}: throughput", rate, "requests/s")
        outcome.add(f"{name}: success", min(sample.figures.success for sample in samples[name]), "share")
    best = max(rate for name, rate in rates.items() if name != "ours")
    outcome.at_least("ours / the best of them", rates["ours"] / best, "x", 1.3)
    outcome.data = {name: [asdict(sample) for sample in own] for name, own in samples.items()}
