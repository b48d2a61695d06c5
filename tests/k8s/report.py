"""The rows' table as Markdown."""

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.k8s.row import Row

_BEGIN: Final = "<!-- table -->"
_END: Final = "<!-- end of table -->"
_ROW: Final = re.compile(r"^\| (\d+) \|.*$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a row."""

    row: Row
    notes: tuple[str, ...]
    failure: str
    seconds: float

    @property
    def verdict(self) -> str:
        return "FAIL" if self.failure else "pass"

    @property
    def observed(self) -> str:
        return "; ".join([*self.notes, *([self.failure] if self.failure else [])])


def lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the table."""
    return [
        "| | done | expected | observed | s | |",
        "|---|---|---|---|---|---|",
        *(
            f"| {o.row.number} | {o.row.title} | {o.row.expected} | {o.observed.replace('|', '/')} "
            f"| {o.seconds:.0f} | {o.verdict} |"
            for o in sorted(outcomes, key=lambda outcome: outcome.row.number)
        ),
    ]


def write(file: Path, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Replace what stands between the file's two marks; rows that did not run this time stay as they are."""
    passed = sum(not outcome.failure for outcome in outcomes)
    ran = ", ".join(str(outcome.row.number) for outcome in outcomes)
    where = f"one node of {os.cpu_count()} cores, load and control plane included, Python {platform.python_version()}"
    when = f"{datetime.now(UTC):%Y-%m-%d}, in {seconds / 60:.0f} minutes"
    head = f"The last run was of rows {ran}: {passed} of {len(outcomes)} passed, on {when} ({where})."
    before, _, rest = file.read_text("utf-8").partition(_BEGIN)
    table, _, after = rest.partition(_END)
    names, rule, *new = lines(outcomes)
    rows = {int(found[1]): found[0] for found in _ROW.finditer("\n".join([table, *new]))}
    body = [rows[number] for number in sorted(rows)]
    file.write_text("\n".join([before + _BEGIN, head, "", names, rule, *body, _END]) + after, "utf-8")
