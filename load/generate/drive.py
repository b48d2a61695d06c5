"""Running the load generators, and measuring the CPU use of the parts meanwhile."""

import asyncio
import json
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psutil

from load.errors import BenchError
from load.generate.plan import Plan
from load.generate.records import Records, between, fastest, read_records
from load.generate.tools import GENERATORS, node, wrk
from load.generate.usage import Meter, Usage

Say = Callable[[str], None]
_PROGRESS_SECONDS: Final = 5.0
_PROGRESS_LINES: Final = 20
LATEST_MS: Final = 100.0
"""Largest accepted p99 of the generator's delay in ms; with a larger one, the load was not the requested one."""
_GRACE_SECONDS: Final = 2
"""Seconds for which a closed loop continues after the window, so that its slowest request (1.8 s) is recorded."""


@dataclass(frozen=True)
class Phase:
    """A part of an open loop, in which the rate in requests per second changes linearly from `begin` to `end`."""

    seconds: float
    begin: float
    end: float


@dataclass(frozen=True)
class Observation:
    """The measurements of a window."""

    records: Records
    began: float
    """Begin of the window, in seconds of the monotonic clock."""
    seconds: float
    usage: dict[str, Usage]
    """CPU and memory by part, including the generator."""
    generator: dict[str, Any]
    """The generator's own report."""


@dataclass(frozen=True)
class Window:
    """The window of a measurement: its length and the length of the warm-up before it, in seconds."""

    seconds: float
    warm_up: float = 1.0


class RanOutError(BenchError):
    """A client has sent all its prepared requests before the end of the run."""

    def __init__(self, rate: float) -> None:
        super().__init__(f"the requests that were made for the run did not last: a client sent {rate:.0f} a second")
        self.rate = rate
        """Requests a second of the fastest client."""


async def closed_loop(
    plan: Plan, window: Window, processes: Mapping[str, psutil.Process], say: Say | None = None
) -> Observation:
    """Drive a closed loop with wrk: each client sends its next request when the last one is answered.

    Raises:
        RanOutError: too few requests were prepared.
        BenchError: wrk is missing or fails.
    """
    command = _wrk(plan, round(window.warm_up + window.seconds) + _GRACE_SECONDS)
    seen = await _observe(command, plan, window, processes, say)
    if seen.generator["exhausted"]:
        raise RanOutError(fastest(plan.records))
    return seen


async def client_rate(plan: Plan, seconds: int) -> float:
    """Return the rate of the fastest client in a closed loop of about so many seconds, in requests per second.

    Raises:
        BenchError: wrk is missing or fails.
    """
    child = await asyncio.create_subprocess_exec(*_wrk(plan, seconds), stdout=PIPE, stderr=PIPE)
    _report(*await child.communicate(), child.returncode)
    return fastest(plan.records)


def _wrk(plan: Plan, seconds: int) -> list[str]:
    host = "/".join(plan.base.split("/")[:3])
    clients = str(plan.clients)
    options = ["-t", clients, "-c", clients, "-d", f"{seconds}s", "--timeout", "30s"]
    return [wrk(), *options, "-s", str(GENERATORS / "wrk.lua"), host, "--", str(plan.folder)]


async def open_loop(
    plan: Plan,
    phases: Sequence[Phase],
    window: Window,
    processes: Mapping[str, psutil.Process],
    *,
    poisson: int | None = None,
    latest_ms: float = LATEST_MS,
    say: Say | None = None,
) -> Observation:
    """Drive an open loop: requests are sent at scheduled times, from which their latencies count.

    Args:
        plan: the requests; those of its first client are sent.
        phases: the rates; together they must be longer than warm-up and window.
        window: the time that is measured.
        processes: the processes whose CPU time is measured, by part.
        poisson: seed of random gaps between requests; None for equal gaps.
        latest_ms: largest accepted p99 of the generator's delay.
        say: writes a line of progress.

    Raises:
        BenchError: Node is missing or fails, or has sent requests too late.
    """
    rates = [{"seconds": phase.seconds, "from": phase.begin, "to": phase.end} for phase in phases]
    command = [node(), str(GENERATORS / "open_loop.js"), "--folder", str(plan.folder), "--base", plan.base]
    command += ["--phases", json.dumps(rates), *(["--poisson", str(poisson)] if poisson is not None else [])]
    seen = await _observe(command, plan, window, processes, say)
    late = seen.generator["late_p99_ms"]
    if late > latest_ms:
        raise BenchError(
            f"the generator did not keep its schedule: one request in a hundred was sent {late:.0f} ms late or more "
            f"(at most {latest_ms:g}); what was measured says nothing about the service"
        )
    return seen


async def _observe(
    command: Sequence[str], plan: Plan, window: Window, processes: Mapping[str, psutil.Process], say: Say | None
) -> Observation:
    child = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    output = asyncio.create_task(child.communicate())
    meter = Meter({**processes, "generator": psutil.Process(child.pid)})
    usage: dict[str, Usage] = {}
    try:
        await _pass(window.warm_up, output)
        meter.start()
        await _pass(window.seconds, output, say)
        usage = meter.stop()
        await output
    except psutil.NoSuchProcess as gone:
        if gone.pid != child.pid:
            raise BenchError("a part of the service ended during the measurement") from None
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await asyncio.gather(output, return_exceptions=True)
    report = _report(*output.result(), child.returncode)
    if not usage and not report.get("exhausted"):
        raise BenchError(f"the load ended before the {window.seconds:.0f} s of the measurement were over")
    records = between(read_records(plan.records), meter.began, meter.began + meter.seconds)
    return Observation(records, meter.began, meter.seconds, usage, report)


def _report(output: bytes, complaint: bytes, code: int | None) -> dict[str, Any]:
    """Return the report in the generator's last line of output."""
    if code:
        raise BenchError(f"the generator failed: {complaint.decode().strip()[-300:]}")
    report: dict[str, Any] = json.loads(output.splitlines()[-1])
    return report


async def _pass(seconds: float, ended: asyncio.Task[Any], say: Say | None = None) -> None:
    """Wait for some seconds, or until the generator ends."""
    began = time.monotonic()
    end = began + seconds
    while (left := end - time.monotonic()) > 0 and not ended.done():
        await asyncio.wait([ended], timeout=min(left, max(_PROGRESS_SECONDS, seconds / _PROGRESS_LINES)))
        if say is not None:
            say(f"{min(seconds, time.monotonic() - began):.0f} of {seconds:.0f} s")
