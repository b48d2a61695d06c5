"""(e) Memory after load, and the memory that one more model process adds."""

from dataclasses import asdict
from typing import Final

from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, closed, on_stack
from load.generate.usage import Memory, memory
from shared.process.cpus import available_cpus

_SECONDS: Final = 4.0
_WORKER_MB: Final = 300
_API_MB: Final = 90
_ADDED_MB: Final = 60


async def run(bench: Bench) -> Outcome:
    """Measure the default number of model processes, then one more."""
    outcome = Outcome("Memory after load with the 66 M-parameter model, in MB of 10^6 bytes")
    usual = available_cpus()
    held = {count: await _weigh(bench, count) for count in (usual, usual + 1)}
    parts = held[usual]
    outcome.at_most("API, RSS", parts["api"].rss, "MB", _API_MB)
    largest = max(own.rss for own in _worker(parts))
    outcome.at_most("largest process of the worker, RSS", largest, "MB", _WORKER_MB)
    outcome.add("worker's parent, RSS", parts["worker"].rss, "MB")
    worker, more = (sum(own.pss for own in _worker(parts)) for parts in held.values())
    outcome.add(f"worker with {usual} model processes, PSS", worker, "MB")
    outcome.at_most("PSS added by one more model process", more - worker, "MB", _ADDED_MB)
    outcome.data = {str(count): {name: asdict(own) for name, own in parts.items()} for count, parts in held.items()}
    return outcome


async def _weigh(bench: Bench, processes: int) -> dict[str, Memory]:
    """Return the memory of each part after load."""

    async def work(stack: Stack) -> dict[str, Memory]:
        for profile in ("headline", "cold"):
            bench.say(f"{processes} model processes, {profile} traffic")
            await closed(bench, stack.base, profile, _SECONDS)
        return {name: memory(process) for name, process in stack.processes.items()}

    return await on_stack(bench, work, bench.model_dir, worker_processes=str(processes))


def _worker(parts: dict[str, Memory]) -> list[Memory]:
    """Return the worker's parent and its model processes."""
    return [own for name, own in parts.items() if name == "worker" or name.startswith("model-")]
