"""A pytest plugin for suites whose tests are rows of a table with an action, an expectation and an observation.

A test with the mark `row` is a row; it puts its observation into its `user_properties` under `OBSERVED`. The commands
of the suites load the plugin; in `make test` their rows are ordinary tests.
"""

import os
import platform
import re
import subprocess
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Final

import pytest

OBSERVED: Final = "observed"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
_HEAD: Final = ("| | done | expected | observed | s | |", "|---|---|---|---|---|---|")
_Wrapper = Generator[None, pytest.TestReport, pytest.TestReport]
_LINE: Final = re.compile(r"^\| (\d+) \|.*$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    number: int
    done: str
    expected: str
    core: bool = True
    """Whether its short form is part of `make test`."""
    last: bool = False
    """Whether it runs after all others."""


@dataclass
class Outcome:
    """The outcome of a row."""

    row: Row
    notes: list[str]
    failure: str
    seconds: float

    def __str__(self) -> str:
        """Return the row's line in the table."""
        observed = "; ".join([*self.notes, *([f"**{self.failure}**"] if self.failure else [])]) or "as expected"
        verdict = "FAIL" if self.failure else "pass"
        row = self.row
        cells = (row.number, row.done, row.expected, observed.replace("|", "/"), f"{self.seconds:.0f}", verdict)
        return f"| {' | '.join(map(str, cells))} |"


def row(number: int, done: str, expected: str, *, core: bool = True, last: bool = False) -> pytest.MarkDecorator:
    """Return the mark that makes a test a row of its suite's table."""
    return pytest.mark.row(Row(number, done, expected, core, last))


def row_of(item: pytest.Item) -> Row | None:
    """Return the row of a test; None if it has no mark `row`."""
    mark = item.get_closest_marker("row")
    return mark.args[0] if mark else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suites' commands."""
    parser.addoption("--rows", default="", help="numbers of rows, joined by commas; all without")
    parser.addoption("--full", action="store_true", help="full size, with bounds on times")
    parser.addoption("--write", type=Path, metavar="FILE", help="write the lines of these rows into the file's table")


def pytest_configure(config: pytest.Config) -> None:
    """Start to collect outcomes."""
    config.pluginmanager.register(_Table(config), "table of rows")


class _Table:
    """Chooses and orders the rows, and keeps their outcomes."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._outcomes: dict[int, Outcome] = {}
        self._began = time.monotonic()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep only the rows with the requested numbers.

        Raises:
            UsageError: there is no row with a requested number.
        """
        rows = {row.number: item for item in items if (row := row_of(item))}
        asked = [int(number) for number in self._config.getoption("--rows").split(",") if number]
        if unknown := [number for number in asked if number not in rows]:
            raise pytest.UsageError(f"there is no row {unknown[0]}; there are {', '.join(map(str, sorted(rows)))}")
        items[:] = sorted((rows[number] for number in asked or rows), key=_place)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Print the row that begins."""
        if row := row_of(item):
            print(f"\n{row.number}: {row.done}", flush=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Record the outcome of a row, and print it; a row that was skipped has not passed."""
        report = yield
        row = row_of(item)
        if row and (report.when == "call" or not report.passed):
            failure = call.excinfo.exconly().splitlines()[0] if call.excinfo and not report.passed else ""
            notes = [str(text) for name, text in report.user_properties if name == OBSERVED]
            self._outcomes[row.number] = outcome = Outcome(row, notes, failure, report.duration)
            print(f"\n{outcome}", flush=True)
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, and write it into the suite's file."""
        outcomes = sorted(self._outcomes.values(), key=lambda outcome: outcome.row.number)
        terminalreporter.write_line("\n".join(["", *_HEAD, *map(str, outcomes)]))
        if file := self._config.getoption("--write"):
            write(file, outcomes, time.monotonic() - self._began)


def _place(item: pytest.Item) -> float:
    row = row_of(item)
    return inf if row is None or row.last else row.number


def write(file: Path, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Replace the table between the two marks of a file; lines of rows that have not run are kept."""
    passed = sum(not outcome.failure for outcome in outcomes)
    numbers = ", ".join(str(outcome.row.number) for outcome in outcomes)
    when = f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, in {seconds / 60:.1f} minutes"
    where = f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}"
    summary = f"The last run was of rows {numbers}: {passed} of {len(outcomes)} passed, on {when} ({where})."
    before, _, rest = file.read_text("utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    lines = {int(found[1]): found[0] for found in _LINE.finditer("\n".join([table, *map(str, outcomes)]))}
    body = [lines[number] for number in sorted(lines)]
    file.write_text("\n".join([before + BEGIN, summary, "", *_HEAD, *body, END]) + after, "utf-8")


def _commit() -> str:
    git = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
