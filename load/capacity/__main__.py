"""``python -m load.capacity``: the planner, which computes replicas, latencies and price for a traffic with a spike."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from load.capacity.answers import report, table, validate
from load.capacity.answers.sizing import NotEnoughError, answer
from load.capacity.inputs.flags import MEASURED, InputError, add_flags, read_plan
from load.capacity.inputs.results import ResultError, read_bench, read_run
from load.errors import BenchError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code; 2 after a sentence if it cannot be answered."""
    options = _parser().parse_args(arguments)
    try:
        print(options.run(options), end="")
    except (InputError, ResultError, NotEnoughError, BenchError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m load.capacity",
        description="Simulate queueing and scaling minute by minute, from measured service times.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    plan = commands.add_parser("plan", help="one plan: replicas needed, and every minute through the spike")
    plan.add_argument("--json", action="store_true", help="for machines")
    plan.set_defaults(run=_plan)
    rates = commands.add_parser("table", help="the same plan at several rates")
    rates.add_argument("--rates", type=float, nargs="+", default=table.RATES, help="requests a second [100 … 100000]")
    rates.set_defaults(run=_table)
    check = commands.add_parser("validate", help="simulate runs of `make bench-load` and state the errors")
    check.add_argument("results", type=Path, nargs="+", metavar="RESULT.json")
    check.set_defaults(run=_validate)
    for command in (plan, rates, check):
        command.description = (
            "Times in seconds; in JSON, --group.field is {group: {field}}. "
            "A required field comes from the measured file unless it is given."
        )
        command.set_defaults(flags=add_flags(command))
    measure = commands.add_parser("measure", help="write the measured file from a result of `make bench`")
    measure.add_argument("result", type=Path, metavar="BENCH.json", help="with rows a, b, d, g and h")
    measure.add_argument("--output", type=Path, default=MEASURED, help="the measured file")
    measure.set_defaults(run=_measure)
    return parser


def _plan(options: argparse.Namespace) -> str:
    plan, measured = read_plan(options)
    found = answer(plan)
    if options.json:
        return json.dumps(report.as_json(plan, found, measured=measured), indent=1) + "\n"
    return report.as_markdown(plan, found, measured=measured)


def _table(options: argparse.Namespace) -> str:
    plan, measured = read_plan(options)
    answers = table.tabulate(plan, options.rates, _progress)
    return table.as_markdown(plan, answers, measured=measured)


def _progress(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


def _validate(options: argparse.Namespace) -> str:
    plan, measured = read_plan(options)
    comparisons = [validate.compare(plan, read_run(file)) for file in options.results]
    return ("" if measured else report.PLACEHOLDERS) + validate.table(comparisons)


def _measure(options: argparse.Namespace) -> str:
    # Imported here, because it needs the tokenizer and Node, which the other commands do not need.
    from load.capacity.answers.measure import measured  # noqa: PLC0415
    from load.capacity.inputs.lengths import length_mix  # noqa: PLC0415

    fields = measured(read_bench(options.result), length_mix())
    options.output.write_text(json.dumps(fields, indent=2) + "\n")
    return f"{options.output}\n"


if __name__ == "__main__":
    sys.exit(main())
