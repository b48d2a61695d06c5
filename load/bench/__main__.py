"""``python -m load.bench``: all rows of the benchmark in one run."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from load.bench.paths import BIG_MODEL, PYTHONS, RESULTS
from load.bench.results.machine import commit, hardware, versions
from load.bench.results.report import table, write_results
from load.bench.row import Bench, Outcome
from load.bench.suite import ON_REQUEST, ROWS
from load.errors import BenchError, StoppedError
from load.generate.tools import node, wrk
from shared.process.settings import Settings
from worker.engines.manifest import model_dir

_MINUTE: Final = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen rows, and write the results after each; return 2 if something was not measured, otherwise 0."""
    options = _parser().parse_args(arguments)
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        sys.stderr.write(f"error: no row is called {', '.join(unknown)}; there are {', '.join(ROWS)}\n")
        return 2
    if not (options.big_model / "manifest.json").is_file():
        sys.stderr.write(f"error: no model in {options.big_model}; make one with `python -m load.bench.models big`\n")
        return 2
    try:
        node()
        wrk()
        return asyncio.run(_run(options))
    except BenchError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m load.bench", description="Measure the product against its limits, with its defaults."
    )
    usual = [name for name in ROWS if name not in ON_REQUEST]
    parser.add_argument("--quick", action="store_true", help="short, to see that it works; its figures say little")
    parser.add_argument(
        "--rows", type=lambda text: text.split(","), default=usual, help=f"such as a,b,h ({','.join(usual)})"
    )
    parser.add_argument("--big-model", type=Path, default=BIG_MODEL, help=f"the 66 M shape, baked ({BIG_MODEL})")
    parser.add_argument("--runs", type=int, default=1, help="how often each thing is measured; medians count (1)")
    parser.add_argument("--seed", type=int, default=1, help="of all choices (1)")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"where results go ({RESULTS})")
    for name, default in PYTHONS.items():
        parser.add_argument(f"--{name}-python", type=Path, default=default, help=f"interpreter with it ({default})")
    return parser


async def _run(options: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    stem = options.out / f"bench-{now:%Y-%m-%dT%H%M%S}"
    head = {
        "when": now.isoformat(),
        "commit": asdict(commit()),
        "hardware": hardware(),
        "versions": versions(),
        "settings": {name: getattr(options, name) for name in ("seed", "runs", "quick", "rows")},
    }
    outcomes: dict[str, Outcome] = {}
    start = time.monotonic()
    for place, name in enumerate(options.rows, start=1):
        began = time.monotonic()
        bench = _bench(options, f"{name}, {place} of {len(options.rows)}", start)
        try:
            outcomes[name] = await ROWS[name](bench)
        except StoppedError as error:
            sys.stderr.write(f"error: {error}; the rows before it are written\n")
            return 2
        except BenchError as error:
            outcomes[name] = Outcome("could not be measured", gaps=[str(error)])
        outcomes[name].engines = sorted(bench.engines)
        outcomes[name].data["seconds"] = round(time.monotonic() - began, 1)
        print(table({name: outcomes[name]}), flush=True)
        write_results(stem, head, outcomes)
    print(f"{stem}.json, .md and .png")
    return 2 if any(outcome.gaps for outcome in outcomes.values()) else 0


def _bench(options: argparse.Namespace, row: str, start: float) -> Bench:
    def say(text: str) -> None:
        minutes, seconds = divmod(round(time.monotonic() - start), _MINUTE)
        print(f"  {minutes}:{seconds:02} ({row}) {text}", flush=True)

    pythons: dict[str, Any] = {name: getattr(options, f"{name}_python") for name in PYTHONS}
    return Bench(options.big_model, model_dir(Settings()), options.seed, options.runs, options.quick, pythons, say)


if __name__ == "__main__":
    sys.exit(main())
