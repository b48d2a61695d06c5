"""The parts of the benchmark's results that the planner reads: runs of `make bench-load`, and rows of `make bench`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class ResultError(Exception):
    """A file is not a result of the benchmark, or cannot be used; the message is one sentence for the user."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Usage(_Part):
    """The CPU use of a process in the window."""

    cpu_seconds: float
    cores: float = 0.0


class Hardware(_Part):
    """The machine of a run."""

    cpu: str
    usable_cores: int


class Settings(_Part):
    """The settings of a run."""

    warm_up: float
    connections: int
    rate: float
    poisson: bool


class LoadRun(_Part):
    """A run of `make bench-load`; latencies are in ms."""

    scenario: str
    hardware: Hardware
    settings: Settings
    seconds: float
    requests: int
    requests_per_second: float
    success: float
    seen: dict[str, int]
    latency: dict[str, dict[str, float]]
    parts: dict[str, Usage]


class Figures(_Part):
    """The figures of a sample; latencies are in ms."""

    requests: int
    latency: dict[str, dict[str, float]]


class Sample(_Part):
    """One closed loop within a row."""

    figures: Figures
    usage: dict[str, Usage]

    def cpu_seconds(self, parts: str) -> float:
        """Return the CPU seconds of all parts whose names begin with `parts`.

        Raises:
            KeyError: there are none.
        """
        used = [usage.cpu_seconds for name, usage in self.usage.items() if name.startswith(parts)]
        if not used:
            raise KeyError(parts)
        return sum(used)


class Row(_Part):
    """One row of the benchmark."""

    data: dict[str, Any]


class Bench(_Part):
    """One run of `make bench`."""

    when: str
    commit: dict[str, Any]
    hardware: Hardware
    settings: dict[str, Any]
    rows: dict[str, Row]


def read_run(file: Path) -> LoadRun:
    """Read a result of `make bench-load` from a file.

    Raises:
        ResultError: the file is not such a result.
    """
    try:
        return LoadRun.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultError(f"{file} is no result of `make bench-load`: {_first(error)}") from None


def read_bench(file: Path) -> Bench:
    """Read a result of `make bench` from a file.

    Raises:
        ResultError: the file is not such a result.
    """
    try:
        return Bench.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultError(f"{file} is no result of `make bench`: {_first(error)}") from None


def cpu_per_request(samples: Sequence[Sample], parts: str) -> float:
    """Return the CPU seconds per request of all parts whose names begin with `parts`, over all samples.

    The samples are added up, because CPU times are read in steps of 10 ms.

    Raises:
        KeyError: there are none.
    """
    return sum(sample.cpu_seconds(parts) for sample in samples) / sum(sample.figures.requests for sample in samples)


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors()[0]
        return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
    return str(error)
