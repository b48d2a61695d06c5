"""(e2) Growth of the memory under ten minutes of mixed load."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from load.bench.parts.cache_fill import cached_text, fill
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, closed, on_stack
from load.generate.asking import ask
from load.generate.drive import Phase, Window, open_loop
from load.generate.plan import make_plan, warm_up
from load.generate.scenarios import flood
from load.generate.usage import memory
from shared.process.settings import Settings

_RATE: Final = 100.0
_MINUTES: Final = 10.0
_BEFORE_SECONDS: Final = 8.0
_SETTLING: Final = 0.2
"""Share of the time, from the begin, in which growth does not count."""
_SAMPLES: Final = 120
_GROWTH: Final = 0.1


async def run(bench: Bench) -> Outcome:
    """Use every path, fill the API's own cache, and measure the memory under a long load."""

    async def work(stack: Stack) -> Outcome:
        outcome = Outcome("Growth of the memory with the 66 M-parameter model, in MB of 10^6 bytes")
        for profile in ("headline", "cold"):
            bench.say(f"{profile} traffic")
            await closed(bench, stack.base, profile, _BEFORE_SECONDS)
        bench.say("filling the API's own cache, so that only memory that should not grow can grow")
        await asyncio.to_thread(_fill_own_cache, stack, bench.model_dir)
        await _watch(bench, stack, outcome)
        return outcome

    return await on_stack(bench, work, bench.model_dir)


def _fill_own_cache(stack: Stack, model_dir: Path) -> None:
    settings = Settings()
    count = settings.local_cache_entries
    fill(stack, model_dir, 0, count)
    for start in range(0, count, settings.max_texts):
        ask(stack.base, "/bulk-predict", [{"text": [cached_text(start + i) for i in range(settings.max_texts)]}])


async def _watch(bench: Bench, stack: Stack, outcome: Outcome) -> None:
    seconds = 60.0 if bench.quick else _MINUTES * 60
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:
        phases = [Phase(seconds + 2, _RATE, _RATE)]
        count = round(_RATE * (seconds + 2)) + 1
        plan = await make_plan(Path(folder), stack.base, "open", seed=bench.seed, clients=1, count=count)
        await warm_up(plan)
        sampler = asyncio.create_task(_sample(stack.processes, seconds / _SAMPLES, rows))
        try:
            async with flood(1, stack.base, bench.seed, plan.salt) as jobs:
                await open_loop(plan, phases, Window(seconds, 0), {}, say=bench.say)
        finally:
            sampler.cancel()
    outcome.data["over time"] = rows
    outcome.data["jobs"] = jobs
    for name in stack.processes:
        growth = slope([row["minute"] for row in rows], [row[name] for row in rows], seconds / 60 * _SETTLING)
        if name in ("api", "worker") or name.startswith("model-"):
            outcome.at_most(f"{name}: growth over {seconds / 60:.0f} min", growth, "MB/min", _GROWTH)
        else:
            outcome.add(f"{name}: growth over {seconds / 60:.0f} min", growth, "MB/min")


async def _sample(processes: dict[str, psutil.Process], every: float, rows: list[dict[str, Any]]) -> None:
    began = time.monotonic()
    while True:
        held = {name: memory(process).rss for name, process in processes.items()}
        rows.append({"minute": (time.monotonic() - began) / 60} | held)
        await asyncio.sleep(every)


def slope(minutes: Sequence[float], values: Sequence[float], settled: float) -> float:
    """Return the slope per minute of a least-squares line through the values after `settled` minutes."""
    late = np.array(minutes) >= settled
    return float(np.polyfit(np.array(minutes)[late], np.array(values)[late], 1)[0])
