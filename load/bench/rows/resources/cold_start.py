"""(d) Cold start of a worker: times from its start to its announcement and to the first answer."""

import asyncio
import compileall
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from redis import Redis

import shared
import worker
from load.bench.parts.environments import has
from load.bench.parts.servers import Server, child, redis_server, server
from load.bench.parts.stack import python_module, serving_engines, until
from load.bench.parts.stall import undisturbed
from load.bench.row import Bench, Outcome
from load.errors import BenchError
from load.generate.asking import ask
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.process.settings import Settings
from shared.stack.ports import free_port
from worker.engines.loading import AUTO, ONNX

_SOURCES = (Path(shared.__file__).parent, Path(worker.__file__).parent)
_POLL_SECONDS = 0.002
_LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Start:
    """One start, in seconds from exec, and the engine that served."""

    announced: float
    answered: float
    engine: str
    """As ``/health`` names it."""


@dataclass(frozen=True)
class _Kind:
    """A kind of worker, and whether its start has a target."""

    name: str
    python: str
    engine: str
    model_dir: Path
    targeted: bool = False


async def run(bench: Bench) -> Outcome:
    """Start workers one after another, with a running API that waits for them.

    Their code is compiled before, as in the images; Python may be told to write no bytecode here.
    """
    for sources in _SOURCES:
        compileall.compile_dir(sources, quiet=1)
    outcome = Outcome("Cold start of a worker, its files in the page cache")
    kinds = _kinds(bench, outcome)
    with tempfile.TemporaryDirectory(prefix="sentiment-row-") as folder:
        async with redis_server(Role.BROKER, Path(folder)) as broker, redis_server(Role.CACHE, Path(folder)) as cache:
            port = free_port()
            urls = {"SENTIMENT_BROKER_URL": broker, "SENTIMENT_CACHE_URL": cache, "SENTIMENT_API_PORT": str(port)}
            async with server(python_module("api"), port, urls, ready="/livez") as api:
                for kind in kinds:
                    starts: list[Start] = []
                    for number in range(bench.runs):
                        bench.say(f"{kind.name}, start {number + 1} of {bench.runs}")
                        one = undisturbed(lambda: _start(kind, api, urls), bench.say)  # noqa: B023
                        starts += await outcome.attempt(kind.name, one)
                    bench.engines.update(start.engine for start in starts)
                    if starts:
                        _judge(outcome, kind, starts)
    return outcome


def _kinds(bench: Bench, outcome: Outcome) -> list[_Kind]:
    own = python_module()[0]
    kinds = [
        _Kind("as served, 66 M", own, AUTO, bench.model_dir, targeted=True),
        _Kind("as served, compact", own, AUTO, bench.compact_dir),
        _Kind("ONNX Runtime, 66 M", own, ONNX, bench.model_dir),
    ]
    torch = bench.pythons["torch"]
    if has(torch, "torch"):
        return [*kinds, _Kind("torch, 66 M", str(torch), "torch", bench.model_dir)]
    outcome.notes.append(f"no torch in {torch}: its engine was skipped")
    return kinds


async def _start(kind: _Kind, api: Server, urls: Mapping[str, str]) -> Start:
    """Wait until the registry is empty, start a worker, measure its times, and stop it.

    Raises:
        BenchError: it does not answer in time.
    """
    keys = Keyspace(Settings().namespace)
    own = {"SENTIMENT_ENGINE": kind.engine, "SENTIMENT_MODEL_DIR": str(kind.model_dir.resolve())}
    with Redis.from_url(urls["SENTIMENT_BROKER_URL"]) as broker:
        await until(lambda: not broker.hlen(keys.workers), "the worker before to leave")
        began = time.monotonic()
        async with child((kind.python, "-m", "worker", "run"), {**urls, **own}) as worker:
            try:
                async with asyncio.timeout(_LIMIT_SECONDS):
                    while not broker.hlen(keys.workers):  # noqa: ASYNC110
                        await asyncio.sleep(_POLL_SECONDS)
                    announced = time.monotonic() - began
                    while not ask(api.base, "/predict", [{"text": f"Cold start at {began}."}])[0].ok:  # noqa: ASYNC110
                        await asyncio.sleep(_POLL_SECONDS)
                    answered = time.monotonic() - began
            except TimeoutError:
                raise BenchError(f"the worker ({kind.name}) did not answer: {worker.last_words()}") from None
            engine = ", ".join(serving_engines(api.base))
    return Start(announced, answered, engine)


def _judge(outcome: Outcome, kind: _Kind, starts: list[Start]) -> None:
    answered = median(start.answered for start in starts)
    outcome.add(f"{kind.name}: announced", median(start.announced for start in starts), "s")
    if kind.targeted:
        outcome.at_most(f"{kind.name}: first answer", answered, "s", 0.5)
    else:
        outcome.add(f"{kind.name}: first answer", answered, "s")
    outcome.data[kind.name] = [asdict(start) for start in starts]
