"""(i) A file of distinct texts by the command `sentiment file`, with an empty cache, against bare engines."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Final

from load.bench.limits.bare_engine import Engine
from load.bench.parts.servers import child
from load.bench.parts.stack import Stack, python_module
from load.bench.parts.stall import undisturbed
from load.bench.row import Bench, Outcome, cold_texts, engine, on_stack
from load.errors import BenchError
from shared.process.cpus import available_cpus

_ROWS: Final = 20_000
_QUICK_ROWS: Final = 2_000
_ENGINE_SECONDS: Final = 6.0
_LIMIT_SECONDS: Final = 600.0


async def run(bench: Bench) -> Outcome:
    """Measure the bare engines, one for each core, and the command, with the same texts."""
    count = _QUICK_ROWS if bench.quick else _ROWS
    engines: list[Engine] = []
    seconds: list[float] = []

    async def work(stack: Stack) -> None:
        for number in range(bench.runs):
            salt = secrets.token_hex(2)
            async with stack.frozen():
                bench.say(f"bare engines, run {number + 1} of {bench.runs}")
                texts = await cold_texts(bench, salt, count)
                engines.append(await engine(bench, bench.model_dir, texts, _ENGINE_SECONDS, available_cpus()))
            bench.say(f"{count:,} rows, run {number + 1} of {bench.runs}")
            seconds.append(await _measure(bench, stack, salt, count))

    await on_stack(bench, work, bench.model_dir)
    return _outcome(count, engines, seconds)


async def _measure(bench: Bench, stack: Stack, salt: str, count: int) -> float:
    """Return the time of the command in seconds; a second try has other texts, because the first ones are cached."""
    salts = iter([salt])

    async def measure() -> float:
        return await _classify(stack, await cold_texts(bench, next(salts, secrets.token_hex(2)), count))

    return await undisturbed(measure, bench.say)


async def _classify(stack: Stack, texts: Sequence[str]) -> float:
    """Return the time of the command for a file with the texts in seconds, from its start to its end.

    Raises:
        BenchError: it fails, or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as name:
        source = _write(Path(name), texts)
        options = ("--quiet", "--fresh", "--url", stack.layout.api, "--output", f"{name}/labels.csv")
        began = time.monotonic()
        async with child(python_module("client", "file", str(source), *options)) as command:
            try:
                async with asyncio.timeout(_LIMIT_SECONDS):
                    code = await command.process.wait()
            except TimeoutError:
                raise BenchError(f"`sentiment file` took more than {_LIMIT_SECONDS:.0f} s") from None
            seconds = time.monotonic() - began
            if code:
                raise BenchError(f"`sentiment file` failed: {command.last_words()}")
        return seconds


def _write(folder: Path, texts: Sequence[str]) -> Path:
    file = folder / "texts.txt"
    file.write_text("".join(f"{text}\n" for text in texts))
    return file


def _outcome(count: int, engines: Sequence[Engine], seconds: Sequence[float]) -> Outcome:
    outcome = Outcome(f"A file of {count:,} distinct texts by `sentiment file`, nothing cached, start included; 66 M")
    rate = count / median(seconds)
    bare = median(one.per_second for one in engines)
    outcome.add("bare engines, one for each core", bare, "texts/s")
    outcome.add("sentiment file", rate, "rows/s")
    outcome.at_least("sentiment file / bare engines", rate / bare, "x", 0.8)
    outcome.data = {"engines": [asdict(one) for one in engines], "file_seconds": list(seconds)}
    return outcome
