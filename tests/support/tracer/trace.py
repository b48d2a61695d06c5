"""Recorded calls and their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_PAUSE_NS = 10_000_000


@dataclass(frozen=True)
class Call:
    """One first entry into a function."""

    ns: int
    """Monotonic clock."""
    thread: str
    """Process and thread."""
    file: str
    function: str


@dataclass(frozen=True)
class Figures:
    """The figures of one trace."""

    calls: int
    functions: int
    files: int
    changes: int
    """Number of calls that are in another file than the previous call of their thread."""


def read_calls(folder: Path, role: str) -> list[Call]:
    """Return all calls that the processes of a role have recorded, in the order of time."""
    calls = []
    for path in folder.glob(f"{role}-*"):
        for line in path.read_text().splitlines():
            ns, thread, file, function = line.split(" ", 3)
            calls.append(Call(int(ns), f"{path.name} {thread}", file, function))
    return sorted(calls, key=lambda call: call.ns)


def within(calls: Sequence[Call], began: int, answered: int) -> list[Call]:
    """Return the calls of one run: from its beginning to the first pause of 10 ms after its answer (times in ns)."""
    own: list[Call] = []
    for call in calls:
        if call.ns < began:
            continue
        if call.ns > max(answered, own[-1].ns if own else began) + _PAUSE_NS:
            break
        own.append(call)
    return own


def figures(calls: Sequence[Call]) -> Figures:
    """Return the numbers of calls, functions, files, and changes of file within each thread."""
    threads: dict[str, list[str]] = {}
    for call in calls:
        threads.setdefault(call.thread, []).append(call.file)
    return Figures(
        calls=len(calls),
        functions=len({(call.file, call.function) for call in calls}),
        files=len({call.file for call in calls}),
        changes=sum(before != after for files in threads.values() for before, after in pairwise(files)),
    )


def shortest(traces: Sequence[Sequence[Call]]) -> tuple[Sequence[Call], int]:
    """Return the trace with the fewest calls, and the number of traces with the same figures.

    The other traces are longer because timers of the product (heartbeat, probes, lag) ran in them.
    """
    best = min(traces, key=len)
    return best, sum(figures(trace) == figures(best) for trace in traces)
