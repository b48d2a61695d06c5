"""(g) Latency by the length of a text, the size of a batch and the number of cached keys."""

import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from load.bench.parts.cache_fill import cached_text, fill
from load.bench.parts.servers import NO_OWN_CACHE, another_api
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, drive, engine, on_stack
from load.generate.asking import Answer, ask
from load.generate.drive import Window
from load.generate.plan import Plan, write_requests
from load.generate.records import Cache
from load.generate.words import text_of

_LENGTHS: Final = (8, 16, 32, 64, 128, 256, 512)
_BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128)
_BATCH_TOKENS: Final = 25
_KEYS: Final = (1_000, 10_000, 100_000)
_REPEATS: Final = 20
_BATCH_REPEATS: Final = 5
_ENGINE_SECONDS: Final = 1.0
_LOOKUP_SECONDS: Final = 3.0
_CLIENTS: Final = 10


async def run(bench: Bench) -> Outcome:
    """Measure the three curves on one stack."""

    async def work(stack: Stack) -> Outcome:
        outcome = Outcome("Cost against text length, batch size and number of cached keys; 66 M-parameter shape")
        generator = np.random.default_rng(bench.seed)
        await _lengths(bench, stack, generator, outcome)
        await _batches(bench, stack, generator, outcome)
        await _keys(bench, stack, generator, outcome)
        return outcome

    return await on_stack(bench, work, bench.model_dir)


async def _lengths(bench: Bench, stack: Stack, generator: np.random.Generator, outcome: Outcome) -> None:
    rows = []
    for tokens in _LENGTHS:
        bench.say(f"{tokens} tokens")
        texts = [text_of(tokens, generator) for _ in range(_REPEATS)]
        answers = await asyncio.to_thread(ask, stack.base, "/predict", [{"text": text} for text in texts])
        async with stack.frozen():
            bare = await engine(bench, bench.model_dir, texts, _ENGINE_SECONDS)
        seen = _add(outcome, f"{tokens} tokens, missing", answers)
        rows.append({"tokens": tokens, "engine_ms": bare.p50_ms} | seen)
    outcome.data["lengths"] = rows


async def _batches(bench: Bench, stack: Stack, generator: np.random.Generator, outcome: Outcome) -> None:
    rows = []
    for size in _BATCHES:
        bench.say(f"batches of {size}")
        payloads = [{"text": [text_of(_BATCH_TOKENS, generator) for _ in range(size)]} for _ in range(_BATCH_REPEATS)]
        answers = await asyncio.to_thread(ask, stack.base, "/bulk-predict", payloads)
        rows.append({"texts": size} | _add(outcome, f"{size} texts, missing", answers))
    outcome.data["batches"] = rows


async def _keys(bench: Bench, stack: Stack, generator: np.random.Generator, outcome: Outcome) -> None:
    rows = []
    before = 0
    async with another_api(stack, variables=NO_OWN_CACHE) as api:
        for count in _KEYS:
            bench.say(f"{count:,} cached keys")
            held = await asyncio.to_thread(fill, stack, bench.model_dir, before, count)
            before = count
            found = await _look_up(bench, api.base, count, generator)
            rows.append({"keys": count, "held": held} | found)
            outcome.add(f"{count:,} keys: lookups", found["figures"]["requests_per_second"], "requests/s")
            outcome.add(f"{count:,} keys: p50", found["figures"]["latency"]["all"]["p50"], "ms")
            if held < count:
                outcome.notes.append(f"of {count:,} keys the cache kept {held:,} within its 256 MB")
    outcome.data["keys"] = rows


async def _look_up(bench: Bench, base: str, keys: int, generator: np.random.Generator) -> dict[str, Any]:
    """Measure requests for random cached texts, which are read from Redis each time."""
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:

        async def prepare(count: int, _: str | None) -> Plan:
            plan = Plan(Path(folder), base, "cached", bench.seed, _CLIENTS, count, "")
            numbers = generator.integers(0, keys, (_CLIENTS, count))
            bodies = [[json.dumps({"text": cached_text(int(number))}) for number in own] for own in numbers]
            write_requests(plan.folder, base, bodies, Cache.HIT)
            return plan

        return asdict(await drive(prepare, Window(bench.seconds(_LOOKUP_SECONDS)), {}))


def _add(outcome: Outcome, name: str, answers: list[Answer]) -> dict[str, Any]:
    """Add the median latency of the successful answers, if there are any, and return the measurements."""
    good = [answer.ms for answer in answers if answer.ok]
    if good:
        outcome.add(f"{name}: p50", median(good), "ms")
    if len(good) < len(answers):
        outcome.notes.append(f"{name}: {len(answers) - len(good)} of {len(answers)} refused or late")
    return {
        "ms": median(good) if good else None,
        "times_ms": [round(answer.ms, 3) for answer in answers],
        "statuses": [answer.status for answer in answers],
    }
