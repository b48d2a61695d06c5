"""``python -m tests.support.tracer``: trace one miss and one job through API and worker, and print the figures."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.tracer.connection import Connection
from tests.support.tracer.stack import traced_stack
from tests.support.tracer.trace import Call, figures, read_calls, shortest, within
from tests.support.waiting import wait_for

ROLES = ("API", "worker")
_QUIET_NS = 60_000_000
_WARM_UP = 3
_TIMER_SECONDS = 0.1
"""Interval of the product's most frequent timer."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Trace several misses and jobs, and print the figures of the shortest trace of each."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.tracer",
        description="Count this repository's functions that one miss and one job enter.",
    )
    parser.add_argument("--runs", type=int, default=25, help="traces of each kind; the shortest counts (25)")
    parser.add_argument("--show", metavar="KIND", choices=list(KINDS), help="print the calls of one kind as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tracer-") as name, traced_stack(Path(name)) as api:
        traces = {kind: _traces(api, Path(name), kind, options.runs) for kind in KINDS}
    print("| | calls | functions | files | changes of file | runs alike |\n|---|---|---|---|---|---|")
    for kind, by_role in traces.items():
        for role, own in by_role.items():
            calls, alike = shortest(own)
            found = figures(calls)
            row = (f"{kind}, {role}", found.calls, found.functions, found.files, found.changes)
            print("|", *(f"{value} |" for value in row), f"{alike} of {len(own)} |")
    if options.show:
        for role, own in traces[options.show].items():
            print(f"\n{options.show}, {role}")
            print(*(f"  {call.file} {call.function}" for call in shortest(own)[0]), sep="\n")
    return 0


def miss(api: Connection, number: int) -> None:
    """Request one text that is not cached."""
    api.ask("POST", "/project/predict", {"text": f"traced miss {number}"})


def job(api: Connection, number: int) -> None:
    """Submit a job of one text, wait for its end, and fetch its results."""
    urls = api.ask("POST", "/project/jobs", {"text": [f"traced job {number}"]})["urls"]
    while api.ask("GET", f"{urls['self']}?wait=10")["status"] != "succeeded":
        pass
    api.ask("GET", urls["results"])


KINDS: dict[str, Callable[[Connection, int], None]] = {"miss": miss, "job": job}


def _traces(api: Connection, folder: Path, kind: str, runs: int) -> dict[str, list[list[Call]]]:
    """Return the traces of each role, one for each run; the first runs warm up and do not count."""
    windows = []
    for number in range(_WARM_UP + runs):
        began = time.monotonic_ns()
        KINDS[kind](api, number)
        windows.append((began, time.monotonic_ns()))
        wait_for(lambda: _quiet(folder), "the product to be quiet")
        time.sleep(random.random() * _TIMER_SECONDS)  # so that a timer does not run in every trace
    recorded = {role: read_calls(folder, role) for role in ROLES}
    return {role: [within(calls, *window) for window in windows[_WARM_UP:]] for role, calls in recorded.items()}


def _quiet(folder: Path) -> bool:
    """Return whether no process has recorded a call for some time; some work is done after the answer."""
    files = [path for role in ROLES for path in folder.glob(f"{role}-*")]
    return time.time_ns() - max(path.stat().st_mtime_ns for path in files) > _QUIET_NS


if __name__ == "__main__":
    sys.exit(main())
