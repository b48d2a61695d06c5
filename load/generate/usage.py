"""CPU time and memory of processes, from /proc."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

_KIB = 1024
_MB = 1e6


@dataclass(frozen=True)
class Memory:
    """The memory of a process in MB of 10^6 bytes."""

    rss: float
    """Resident memory."""
    peak_rss: float
    pss: float
    """Resident memory, with shared pages divided among their processes."""


@dataclass(frozen=True)
class Usage:
    """The CPU time and memory of one part in a window."""

    cpu_seconds: float
    cores: float
    """CPU seconds per second of the window."""
    peak_rss_mb: float
    """Largest resident memory since the start of the process."""


class Meter:
    """Reads the CPU time of parts over a window.

    Args:
        processes: the process of each part, by name.
    """

    def __init__(self, processes: Mapping[str, psutil.Process]) -> None:
        self._processes = processes
        self._before: dict[str, float] = {}
        self.began = 0.0
        self.seconds = 0.0

    def start(self) -> None:
        """Begin the window."""
        self._before = {name: cpu_seconds(process) for name, process in self._processes.items()}
        self.began = time.monotonic()

    def stop(self) -> dict[str, Usage]:
        """End the window, and return the usage of each part."""
        self.seconds = time.monotonic() - self.began
        return {name: self._usage(name, process) for name, process in self._processes.items()}

    def _usage(self, name: str, process: psutil.Process) -> Usage:
        used = cpu_seconds(process) - self._before[name]
        return Usage(round(used, 2), round(used / self.seconds, 4), round(memory(process).peak_rss, 1))


def cpu_seconds(process: psutil.Process) -> float:
    """Return the user and system time of a process in seconds, with its threads, without its children."""
    times = process.cpu_times()
    return float(times.user + times.system)


def memory(process: psutil.Process) -> Memory:
    """Return the memory of a process in MB."""
    folder = Path("/proc", str(process.pid))
    status, rollup = ((folder / name).read_text() for name in ("status", "smaps_rollup"))
    return Memory(_field(status, "VmRSS"), _field(status, "VmHWM"), _field(rollup, "Pss"))


def _field(text: str, name: str) -> float:
    """Return the value in MB of a line such as ``VmRSS:   1234 kB``."""
    match = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(match[1]) * _KIB / _MB if match else 0.0
