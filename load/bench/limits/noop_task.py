"""The CPU time of an empty Celery task, with stock settings."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

import psutil
from celery import Celery
from redis import Redis

from load.bench.parts.servers import child, redis_server
from load.bench.parts.stack import until
from load.generate.usage import cpu_seconds
from shared.broker.role import Role
from shared.process.cpus import available_cpus

_WARM_UP: Final = 200
_TASKS: Final = 2_000
_QUEUE: Final = "celery"


async def noop_task_seconds() -> float:
    """Return the CPU seconds per task of a prefork worker with all its processes, measured on a full queue."""
    with tempfile.TemporaryDirectory(prefix="sentiment-noop-") as folder:
        async with redis_server(Role.BROKER, Path(folder)) as url:
            command = (sys.executable, "-m", "celery", "-A", "load.baselines.noop_task", "worker")
            options = (f"--concurrency={available_cpus()}", "--loglevel=ERROR")
            async with child((*command, *options), {"NOOP_BROKER_URL": url}) as worker:
                family = psutil.Process(worker.process.pid)
                await _work_off(url, _WARM_UP)
                before = _cpu(family)
                await _work_off(url, _TASKS)
                return (_cpu(family) - before) / _TASKS


async def _work_off(url: str, tasks: int) -> None:
    """Send tasks and wait until all have run."""
    await asyncio.to_thread(_send, url, tasks)
    with Redis.from_url(url) as broker:
        await until(lambda: not broker.llen(_QUEUE) and not broker.hlen("unacked"), "the tasks to be done")


def _send(url: str, tasks: int) -> None:
    with Celery("sender", broker=url) as app:
        for _ in range(tasks):
            app.send_task("noop", ignore_result=True)


def _cpu(family: psutil.Process) -> float:
    return sum(cpu_seconds(process) for process in (family, *family.children(recursive=True)))
