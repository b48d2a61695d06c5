"""Servers that a measurement needs in addition to the stack."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import httpx
import psutil
from redis import Redis
from redis.exceptions import RedisError

from load.bench.parts.stack import Stack, python_module, until
from load.errors import BenchError
from shared.broker.role import Role
from shared.stack.ports import free_port
from shared.stack.redis import RedisConfig, find_server

NO_OWN_CACHE: Final = {"SENTIMENT_LOCAL_CACHE_ENTRIES": "1"}
"""Setting with which an API process looks up nearly every text in Redis."""
_STOP_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Server:
    """A running server; `base` is the base URL of its predictions."""

    base: str
    process: psutil.Process


@dataclass(frozen=True)
class Child:
    """A running program."""

    process: asyncio.subprocess.Process
    log: IO[bytes]

    @property
    def ended(self) -> bool:
        """Whether the program has ended."""
        return self.process.returncode is not None

    def last_words(self) -> str:
        """Return the last line of the program's output."""
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.process.returncode}"


@asynccontextmanager
async def child(
    command: Sequence[str], environment: Mapping[str, str] | None = None, stdin: str = ""
) -> AsyncIterator[Child]:
    """Run a program inside the context, and kill it with all its children at the end."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | (environment or {}), stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log
        )
        assert process.stdin is not None
        process.stdin.write(stdin.encode())
        process.stdin.close()
        family = psutil.Process(process.pid)
        try:
            yield Child(process, log)
        finally:
            await _stop(process, family)


async def _stop(process: asyncio.subprocess.Process, family: psutil.Process) -> None:
    descendants = []
    with suppress(psutil.NoSuchProcess):
        descendants = family.children(recursive=True)
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    for descendant in descendants:
        with suppress(psutil.NoSuchProcess):
            descendant.kill()


@asynccontextmanager
async def server(
    command: Sequence[str],
    port: int,
    environment: Mapping[str, str] | None = None,
    *,
    ready: str = "/health",
    seconds: float = 60,
) -> AsyncIterator[Server]:
    """Run a server inside the context, which begins when the path `ready` returns 200.

    Raises:
        BenchError: the server ends, or is not ready in time.
    """
    url = f"http://127.0.0.1:{port}"
    name = " ".join(command[1:3])
    async with child(command, environment) as started:
        await until(lambda: started.ended or _answers_ok(url + ready), f"{name} to answer", seconds)
        if started.ended:
            raise BenchError(f"`{name}` ended under {command[0]}: {started.last_words()}")
        yield Server(f"{url}/project", psutil.Process(started.process.pid))


@asynccontextmanager
async def noop() -> AsyncIterator[Server]:
    """Run the server whose endpoint does nothing."""
    port = free_port()
    async with server(python_module("load.baselines.noop", "--port", str(port)), port) as running:
        yield running


@asynccontextmanager
async def another_api(
    stack: Stack, module: str = "api", variables: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """Run an additional API process of a stack, with additional environment variables."""
    port = free_port()
    environment = {**stack.environment, **(variables or {}), "SENTIMENT_API_PORT": str(port)}
    async with server(python_module(module), port, environment) as running:
        yield running


@asynccontextmanager
async def redis_server(role: Role, folder: Path) -> AsyncIterator[str]:
    """Run a Redis with the product's configuration, and yield its URL."""
    config = RedisConfig(role, folder, free_port())
    async with child([str(find_server()), "-"], stdin=config.text):
        await until(lambda: _pings(config.url), "Redis to answer")
        yield config.url


def _answers_ok(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _pings(url: str) -> bool:
    with Redis.from_url(url, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False
