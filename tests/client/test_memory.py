"""The command's memory does not grow with its file."""

import subprocess
import sys
from pathlib import Path

from tests.support.command import SCRIPT, Command
from tests.support.service import Service

SMALL, LARGE = 50_000, 200_000
GROWTH_MIB = 8
LINES = 10_000
"""After so many lines the file begins again: every job is the same one, so it is not the service that takes time."""

MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""A process counts what it was before it became the command; so it is begun by a small one, not by the tests."""


def test_memory_does_not_grow_with_the_file(service: Service, tmp_path: Path) -> None:
    service.start_worker()
    sentiment = Command(service.start_api().url, tmp_path)
    peaks = [peak_mib(sentiment, rows) for rows in (SMALL, LARGE)]
    print(f"peak memory: {peaks[0]:.0f} MiB for {SMALL:,} rows, {peaks[1]:.0f} MiB for {LARGE:,}")
    assert peaks[1] < peaks[0] + GROWTH_MIB


def peak_mib(sentiment: Command, rows: int) -> float:
    """Return the most memory that a run took."""
    block = "".join(f"{i},line {i % 100},{'what else stands in a row ' * 6}\n" for i in range(LINES))
    with (sentiment.folder / "in.csv").open("w") as file:
        file.write("id,text,more\n")
        for _ in range(rows // LINES):
            file.write(block)
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, SCRIPT, "file", "in.csv", "-o", "out.csv"],
        env=sentiment.environment,
        cwd=sentiment.folder,
        stdout=subprocess.PIPE,
        check=True,
    )
    with (sentiment.folder / "out.csv").open() as file:
        assert sum(1 for _ in file) == rows + 1
    return int(result.stdout) / 1024
