"""The tracer counts each function once a call, and a change of file where the next call stands in another."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.tracer.stack import HOOK
from tests.support.tracer.trace import Call, Figures, figures, read_calls, shortest, within

_PROGRAM = """
import asyncio
from api.other import helper

async def outer():
    await inner()
    return [helper(number) for number in range(2)]

async def inner():
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(outer())
"""


def test_the_hook_records_first_entries_of_the_products_functions(tmp_path: Path) -> None:
    package = tmp_path / "api"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(_PROGRAM)
    (package / "other.py").write_text("def helper(number):\n    return number\n")
    variables = {"PYTHONPATH": str(HOOK), "TRACE_DIR": str(tmp_path), "TRACE_ROOT": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "api"], check=True, cwd=tmp_path, env=os.environ | variables)
    calls = read_calls(tmp_path, "API")
    assert [call.function for call in calls] == ["outer", "inner", "helper", "helper"]
    assert figures(calls) == Figures(calls=4, functions=3, files=2, changes=1)


def test_changes_of_file_are_counted_within_a_thread() -> None:
    calls = [Call(number, thread, thread, "f") for number, thread in enumerate("abab")]
    assert figures(calls).changes == 0
    calls = [Call(number, "one", file, "f") for number, file in enumerate("abab")]
    assert figures(calls).changes == 3


def test_a_run_ends_at_the_first_pause_after_its_answer() -> None:
    calls = [Call(ms * 1_000_000, "one", "a", "f") for ms in (1, 5, 40, 45, 52, 70)]
    assert within(calls, 5_000_000, 44_000_000) == calls[1:5]


def test_the_shortest_trace_is_shown_with_how_many_are_like_it() -> None:
    short, long = ([Call(0, "one", "a", "f")] * count for count in (1, 2))
    assert shortest([long, short, long]) == (short, 1)
    assert shortest([short, long, short]) == (short, 2)
