"""The engine that serves a model, with nothing around it, in processes of its own."""

import asyncio
import json
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from load.bench.parts.stack import python_module
from load.errors import BenchError


@dataclass(frozen=True)
class Engine:
    """The figures of engines that ran at the same time, each on one thread."""

    name: str
    """Engine and variant."""
    per_second: float
    """Texts per second of all processes together."""
    p50_ms: float
    """Median wall time of one text."""
    cpu_ms: float
    """CPU time of one text."""


async def bare_engine(model_dir: Path, texts: Sequence[str], seconds: float, processes: int = 1) -> Engine:
    """Run the engine that serves a model over texts, in so many processes at once; of schema 1 that is ONNX Runtime.

    Raises:
        BenchError: one of the processes failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(list(texts), file)
        file.flush()
        options = ("--model-dir", str(model_dir), "--texts", file.name, "--seconds", str(seconds))
        command = python_module("load.bench.limits.engine_loop", *options)
        children = [await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE) for _ in range(processes)]
        try:
            await asyncio.gather(*(_ready(child) for child in children))
            outputs = await asyncio.gather(*(child.communicate(b"\n") for child in children))
        finally:
            for child in children:
                with suppress(ProcessLookupError):
                    child.kill()
    reports = [json.loads(output) for output, _ in outputs]
    return Engine(
        name=reports[0]["engine"],
        per_second=sum(report["per_second"] for report in reports),
        p50_ms=fmean(report["p50_ms"] for report in reports),
        cpu_ms=fmean(report["cpu_ms"] for report in reports),
    )


async def _ready(child: Process) -> None:
    assert child.stdout is not None
    if not await child.stdout.readline():
        raise BenchError("the bare engine cannot be run")
