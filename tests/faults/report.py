"""The suite's table as Markdown, with where it was run."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.row import Row

_BEGIN, _END = "<!-- table -->", "<!-- end of table -->"


@dataclass(frozen=True)
class Outcome:
    """What became of a row."""

    row: Row
    notes: tuple[str, ...]
    failure: str
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.failure

    @property
    def verdict(self) -> str:
        return "pass" if self.passed else "FAIL"

    @property
    def observed(self) -> str:
        return "; ".join([*self.notes, *([self.failure] if self.failure else [])]) or "as expected"


def write_report(file: Path, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Replace what stands between the file's two marks."""
    lines = [
        _BEGIN,
        _summary(outcomes, seconds),
        "",
        "| | injected | expected | observed | |",
        "|---|---|---|---|---|",
        *(
            f"| {o.row.number} | {o.row.injected} | {o.row.expected} | {o.observed.replace('|', '/')} | {o.verdict} |"
            for o in outcomes
        ),
        _END,
    ]
    text = file.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    file.write_text(before + "\n".join(lines) + after, "utf-8")


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    where = f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}"
    passed = f"{sum(outcome.passed for outcome in outcomes)} of {len(outcomes)} rows"
    return f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, {where}: {passed} in {seconds / 60:.1f} minutes."


def _commit() -> str:
    git = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
