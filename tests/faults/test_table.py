"""The plugin that makes tests rows of a table, in a pytest of its own."""

import subprocess
import sys
from pathlib import Path

from tests.support.rows import BEGIN, END

_SUITE = """
import pytest
from tests.support.rows import OBSERVED, row

@row(3, "the end", "it comes last", last=True)
def test_end():
    pass

@row(2, "a fault", "a | promise")
def test_fault(request):
    request.node.user_properties.append((OBSERVED, "1 ms"))
    assert False, "broken"

@row(4, "another", "holds")
def test_other(request):
    request.node.user_properties.append((OBSERVED, "2 ms"))

def test_no_row():
    pass
"""


def run(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_suite.py").write_text(_SUITE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.support.rows",
        "-c",
        "pyproject.toml",
        "--capture=no",
        *options,
    ]
    return subprocess.run([*command, str(folder / "test_suite.py")], capture_output=True, text=True, check=False)


def test_rows_run_by_number_and_their_lines_replace_those_in_the_file(tmp_path: Path) -> None:
    table = tmp_path / "table.md"
    table.write_text(f"before\n{BEGIN}\n| 1 | kept | yes | seen | 5 | pass |\n| 4 | old | | | | FAIL |\n{END}\nafter\n")
    done = run(tmp_path, "--write", str(table))
    assert done.returncode == 1, done.stdout + done.stderr
    before, _, summary, _, *lines, after = table.read_text().splitlines()
    assert (before, after) == ("before", "after")
    assert "rows 2, 3, 4: 2 of 3 passed" in summary
    assert lines == [
        "| | done | expected | observed | s | |",
        "|---|---|---|---|---|---|",
        "| 1 | kept | yes | seen | 5 | pass |",
        "| 2 | a fault | a | promise | 1 ms; **AssertionError: broken** | 0 | FAIL |",
        "| 3 | the end | it comes last | as expected | 0 | pass |",
        "| 4 | another | holds | 2 ms | 0 | pass |",
        END,
    ]
    assert [line[0] for line in done.stdout.splitlines() if line[1:3] == ": "] == ["2", "4", "3"]


def test_one_row_is_chosen_and_an_unknown_one_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--rows=4")
    assert done.returncode == 0
    assert "1 passed" in done.stdout
    assert "there is no row 9; there are 2, 3, 4" in run(tmp_path, "--rows=9").stderr
