"""``python -m tests.faults``: run the suite and print its table."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.faults.report import Outcome, write_report
from tests.faults.row import Row, Run
from tests.faults.suite import ROWS

_LIMIT_SECONDS = 240


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen rows one after the other; return 1 if one has failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Break the product and watch it.")
    parser.add_argument("rows", nargs="*", type=int, choices=[*ROWS, []], help="numbers of rows; all without")
    parser.add_argument("--short", action="store_true", help="smaller, without bounds on times")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table into the file's marked place")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    outcomes = [run_row(ROWS[number], short=options.short) for number in options.rows or sorted(ROWS)]
    passed = sum(outcome.passed for outcome in outcomes)
    seconds = time.monotonic() - began
    print(f"\n{passed} of {len(outcomes)} rows passed in {seconds / 60:.1f} minutes")
    if options.write:
        write_report(options.write, outcomes, seconds)
    return int(passed < len(outcomes))


def run_row(row: Row, *, short: bool) -> Outcome:
    """Run one row in parts of its own, and print what was seen."""
    print(f"\n{row.number:>2}  {row.injected}\n    expected: {row.expected}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        run = Run(Path(folder), short)
        failure = ""
        try:
            _limited(row, run)
        except Exception as error:
            failure = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        finally:
            run.service.stop()
    outcome = Outcome(row, tuple(run.notes), failure, time.monotonic() - began)
    print(f"    observed: {outcome.observed}\n    {outcome.verdict}, {outcome.seconds:.0f} s", flush=True)
    return outcome


def _limited(row: Row, run: Run) -> None:
    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"took more than {_LIMIT_SECONDS} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(_LIMIT_SECONDS)
    try:
        row.run(run)
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    sys.exit(main())
