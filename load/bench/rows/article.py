"""(c) The rebuilt design of the article, with the same traffic."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median

from load.bench.parts.environments import has
from load.bench.parts.servers import redis_server, server
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, Sample, closed, middle, on_stack
from shared.broker.role import Role
from shared.stack.ports import free_port

_TITLE = "The article's design, headline traffic"
_SECONDS = 8.0
_START_SECONDS = 120.0


async def run(bench: Bench) -> Outcome:
    """Measure both systems alternately; the product is frozen while the other one runs."""
    if not has(bench.pythons["torch"], "torch"):
        return Outcome(_TITLE, notes=[f"no torch in {bench.pythons['torch']}: skipped"])
    port = free_port()
    ours: list[Sample] = []
    theirs: list[Sample] = []

    async def work(stack: Stack) -> None:
        with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:
            async with redis_server(Role.CACHE, Path(folder)) as url:
                options = ("--port", str(port), "--model-dir", str(bench.model_dir / "weights"), "--redis", url)
                command = (str(bench.pythons["torch"]), "-m", "load.baselines.article", *options)
                async with server(command, port, seconds=_START_SECONDS) as article:
                    for number in range(bench.runs):
                        bench.say(f"run {number + 1} of {bench.runs}")
                        ours.append(await closed(bench, stack.base, "headline", _SECONDS, processes=stack.processes))
                        async with stack.frozen():
                            processes = {"server": article.process}
                            theirs.append(await closed(bench, article.base, "headline", _SECONDS, processes=processes))

    await on_stack(bench, work, bench.model_dir)
    return _outcome(ours, theirs)


def _outcome(ours: list[Sample], theirs: list[Sample]) -> Outcome:
    outcome = Outcome(_TITLE)
    for name, samples in (("ours", ours), ("article's design", theirs)):
        outcome.add(f"{name}: throughput", middle(samples), "requests/s")
        for key in ("p50", "p99"):
            outcome.add(f"{name}: {key}", median(sample.figures.latency["all"][key] for sample in samples), "ms")
        outcome.add(f"{name}: success", min(sample.figures.success for sample in samples), "share")
        outcome.data[name] = [asdict(sample) for sample in samples]
    outcome.at_least("ours / article's design", middle(ours) / middle(theirs), "x", 8)
    return outcome
