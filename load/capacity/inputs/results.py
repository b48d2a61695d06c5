"""The parts of the benchmark's results that the planner reads: `make bench-load` writes runs, `make bench` rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class ResultError(Exception):
    """A file is not such a result; the message is the one sentence that the user gets."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Usage(_Part):
    """CPU use of a process in the window."""

    cpu_seconds: float
    cores: float = 0.0


class Hardware(_Part):
    """Machine of the run."""

    cpu: str
    usable_cores: int


class Settings(_Part):
    """Settings of the run."""

    warm_up: float
    connections: int
    rate: float
    poisson: bool


class LoadRun(_Part):
    """One run of `make bench-load`; latencies in ms."""

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
    """Figures of a sample; latencies in ms."""

    requests: int
    latency: dict[str, dict[str, float]]


class Sample(_Part):
    """One closed loop within a row."""

    figures: Figures
    usage: dict[str, Usage]

    def cpu_seconds(self, parts: str) -> float:
        """Return the CPU seconds of all parts whose names begin so.

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
    """Read a result of `make bench-load`.

    Raises:
        ResultError: it is none.
    """
    try:
        return LoadRun.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultError(f"{file} is no result of `make bench-load`: {_first(error)}") from None


def read_bench(file: Path) -> Bench:
    """Read a result of `make bench`.

    Raises:
        ResultError: it is none.
    """
    try:
        return Bench.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultError(f"{file} is no result of `make bench`: {_first(error)}") from None


def cpu_per_request(samples: Sequence[Sample], parts: str) -> float:
    """Return the CPU seconds for a request of all parts whose names begin so; together, for each is read in 10 ms.

    Raises:
        KeyError: there are none.
    """
    return sum(sample.cpu_seconds(parts) for sample in samples) / sum(sample.figures.requests for sample in samples)


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors()[0]
        return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
    return str(error)
