"""``python -m tests.k8s``: install the chart on the cluster that KUBECONFIG names, scale it, break it, watch it."""

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

import tests.k8s.rows  # noqa: F401 - each module enters its row
from shared.contract.errors import SentimentError
from tests.k8s import cluster, service
from tests.k8s.report import Outcome, lines, write
from tests.k8s.row import MINUTES, ROWS, Row, Run, until

_ORDER = (*sorted(set(ROWS) - {9}), 9)
"""The end comes last."""


def main() -> int:
    """Run the rows; 1 if one has failed, 2 if there is no cluster for it."""
    options = _parser().parse_args()
    began = time.monotonic()

    def say(line: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - began:5.0f} s  {line}\n")

    try:
        context = cluster.require_cluster(anywhere=options.anywhere)
        if not options.no_build:
            cluster.deliver(context, shlex.split(options.load), say)
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    outcomes = []
    for row in options.rows:
        outcomes.append(_show(row, say))
        say(f"row {row.number} {outcomes[-1].verdict} after {outcomes[-1].seconds:.0f} s: {outcomes[-1].observed}")
    print("\n".join(lines(outcomes)))
    if options.write:
        write(options.write, outcomes, time.monotonic() - began)
    return int(any(outcome.failure for outcome in outcomes))


def _show(row: Row, say: Callable[[str], None]) -> Outcome:
    say(f"row {row.number}: {row.title}")
    began, run, failure = time.monotonic(), Run(say), ""
    try:
        if not row.fresh and not cluster.installed():
            say("no release yet: installing it")
            cluster.install(say)
            until(lambda: service.answers(service.API, "/project", "the first"), "the first answer", 5 * MINUTES)
        row.show(run)
    except (SentimentError, AssertionError, httpx.HTTPError) as error:
        failure = f"**{error}**"
    return Outcome(row, tuple(run.notes), failure, time.monotonic() - began)


def _rows(text: str) -> list[Row]:
    return [ROWS[int(number)] for number in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    every = ",".join(map(str, _ORDER))
    parser = argparse.ArgumentParser(
        prog="python -m tests.k8s",
        description=f"{__doc__}",
        epilog="\n".join(f"{number}  {ROWS[number].title}" for number in _ORDER),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=_rows, default=every, help=f"which, joined by commas; all of {every} otherwise")
    parser.add_argument("--load", default="", help="command that hands an image to the cluster (kind's is known)")
    parser.add_argument("--no-build", action="store_true", help="the images are on the cluster already")
    parser.add_argument("--anywhere", action="store_true", help="the cluster is no production, whatever its name")
    parser.add_argument("--write", type=Path, help="file whose table is made anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())
