"""Running the whole product with its defaults for a measurement."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
import psutil
from redis import Redis

from load.errors import BenchError, StoppedError
from load.generate.usage import cpu_seconds
from shared.broker.connect import Server
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.broker.url import RedisUrl
from shared.process.settings import Settings
from shared.stack.health import missing
from shared.stack.layout import Layout
from shared.stack.ports import free_port
from shared.stack.run import INTERRUPTED, run_stack

T = TypeVar("T")
_PREFIX: Final = "SENTIMENT_"
_POLL_SECONDS: Final = 0.05
_QUIET_SECONDS: Final = 0.1
_LIMIT_SECONDS: Final = 60.0
_REDIS_SECONDS: Final = 10.0
_EVENTS_SECONDS: Final = 5.5
"""Seconds after which Flower has enabled task events; it does so five seconds after its start, without a message."""


@dataclass(frozen=True)
class Stack:
    """A running product."""

    layout: Layout
    processes: dict[str, psutil.Process]
    """Processes by part: api, worker (the parent), model-1, …, broker, cache, flower, launcher (this process)."""

    @property
    def base(self) -> str:
        """Base URL of the predictions."""
        return self.layout.api + Settings().path_prefix

    @property
    def environment(self) -> dict[str, str]:
        """Variables for another API process of the same product."""
        return _environment(self.layout, "api")

    @contextmanager
    def redis(self, role: Role) -> Iterator[Redis]:
        """Connect to one of the product's Redis with the rights of a worker."""
        url = RedisUrl.parse(_environment(self.layout, "worker")[_variable(role)])
        with Server(url).blocking_client(_REDIS_SECONDS) as client:
            yield client

    @property
    def models(self) -> list[psutil.Process]:
        """The model processes."""
        return [process for name, process in self.processes.items() if name.startswith("model-")]

    def engines(self) -> list[str]:
        """Return the engines that serve; see `serving_engines`."""
        return serving_engines(self.layout.api)

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """Freeze every part inside the context, so that another system can use the whole machine; then wait for health.

        Running work is finished before, because a frozen worker would count the pause as its own slowness.
        """
        await until(self._quiet, "the model processes to be done")
        parts = [process for name, process in self.processes.items() if name != "launcher"]
        for process in parts:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in parts:
                process.send_signal(signal.SIGCONT)
        began = time.time() * 1000
        await until(lambda: self._beating_since(began), "the model processes to say that they live")
        await until(lambda: not missing(self.layout.api), "the stack to answer again")

    def _beating_since(self, moment: float) -> bool:
        """Return whether every model process has sent a heartbeat since a moment in ms."""
        keys = Keyspace(self.environment.get("SENTIMENT_NAMESPACE", Settings().namespace))
        with self.redis(Role.BROKER) as broker:
            beats = [json.loads(entry)["beat"] for entry in broker.hvals(keys.workers)]
        return len(beats) >= len(self.models) and min(beats) > moment

    def _quiet(self) -> bool:
        """Return whether the model processes have used no CPU time for a short time."""
        before = sum(cpu_seconds(process) for process in self.models)
        time.sleep(_QUIET_SECONDS)
        return sum(cpu_seconds(process) for process in self.models) == before


async def with_stack(work: Callable[[Stack], Awaitable[T]], model_dir: Path | None = None, **settings: str) -> T:
    """Start the product with its defaults on free ports, with Flower, run some work, and stop the product.

    Args:
        work: function to run when the service is healthy.
        model_dir: folder of a baked model; None for that of the repository.
        settings: settings that differ from the defaults, by name without the prefix.

    Raises:
        StoppedError: there was a signal to stop.
        BenchError: the product did not start, or a part of it failed.
    """
    results: list[T] = []

    async def run(layout: Layout) -> None:
        await until(lambda: _listening(layout.flower), "Flower to answer")
        await asyncio.sleep(_EVENTS_SECONDS)
        results.append(await work(Stack(layout, _find_parts(layout))))

    if model_dir is not None:
        settings["model_dir"] = str(model_dir)
    with tempfile.TemporaryDirectory(prefix="sentiment-bench-") as data, settings_in_environment(settings):
        own = Settings(api_port=free_port(), flower_port=free_port())
        code = await run_stack(own, Path(data), run)
        _forget_signals()
    if code == INTERRUPTED:
        raise StoppedError("stopped by a signal")
    if code or not results:
        raise BenchError("the product did not run to the end of the measurement")
    return results[0]


@contextmanager
def settings_in_environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set exactly these settings in the environment inside the context, by name without the prefix."""
    before = {name: value for name, value in os.environ.items() if name.startswith(_PREFIX)}
    _replace({f"{_PREFIX}{name.upper()}": value for name, value in settings.items()})
    try:
        yield
    finally:
        _replace(before)


def serving_engines(root: str) -> list[str]:
    """Return engine and variant of each kind of worker, as ``/health`` at a root names them; none of an old release.

    Raises:
        BenchError: the service is not healthy.
    """
    answer = httpx.get(f"{root}/health", timeout=_LIMIT_SECONDS)
    if answer.status_code != httpx.codes.OK:
        raise BenchError(f"{root}/health answers {answer.status_code}")
    engines = answer.json().get("engines", [])
    return [" ".join(filter(None, (entry["engine"], entry["variant"]))) for entry in engines]


async def until(condition: Callable[[], bool], what: str, seconds: float = _LIMIT_SECONDS) -> None:
    """Poll until a condition is true.

    Raises:
        BenchError: it is not true in time.
    """
    try:
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise BenchError(f"waited {seconds:.0f} s in vain for {what}") from None


def _replace(variables: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith(_PREFIX)]:
        del os.environ[name]
    os.environ.update(variables)


def _forget_signals() -> None:
    """Make Ctrl-C raise KeyboardInterrupt again, because `run_stack` has replaced the handlers of signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().remove_signal_handler(number)


def _listening(url: str) -> bool:
    try:
        httpx.get(url, timeout=1)
    except httpx.TransportError:
        return False
    return True


def _environment(layout: Layout, name: str) -> dict[str, str]:
    return next(dict(part.environment) for part in layout.parts if part.name == name)


def _variable(role: str) -> str:
    return f"{_PREFIX}{role.upper()}_URL"


def _find_parts(layout: Layout) -> dict[str, psutil.Process]:
    """Return the launcher's children by part; the command line of a Redis shows its port instead of its arguments."""
    launcher = psutil.Process()
    commands = {" ".join(child.cmdline()): child for child in launcher.children()}
    environment = _environment(layout, "worker")
    processes = {}
    for part in layout.parts:
        words = " ".join(part.command)
        if url := environment.get(_variable(part.name)):
            words = f":{urlsplit(url).port}"
        found = [child for command, child in commands.items() if words in command]
        if len(found) != 1:
            raise BenchError(f"the process of {part.name} cannot be told from others")
        processes[part.name] = found[0]
    models = sorted(processes["worker"].children(), key=lambda process: process.pid)
    processes |= {f"model-{number}": process for number, process in enumerate(models, start=1)}
    return processes | {"launcher": launcher}


def python_module(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs a module with this interpreter."""
    return (sys.executable, "-m", *arguments)
