"""``python -m load.bench.engine``: every engine of the product that runs here against the yardstick.

Time is CPU time of the one thread, so other programs that want the core count only by the caches that they empty.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from load.bench.engine.alternate import alternate
from load.bench.engine.contenders import CASES, Case, engines, runs
from load.bench.engine.kernel import peak
from load.bench.engine.results import Line, data, line, table, verdict
from load.bench.paths import BIG_MODEL, COMPACT_MODEL, RESULTS
from load.bench.results.machine import commit, hardware, versions
from shared.contract.errors import ModelError
from worker.engines.manifest import WEIGHTS_FILE
from worker.engines.weights import read_weights


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write them down if asked to; 2 if a model cannot be loaded."""
    options = _parser().parse_args(arguments)
    now = datetime.now(UTC)
    cases = [case for case in CASES if not options.cases or case.name.replace(" ", "") in options.cases]
    try:
        fastest = peak(time.thread_time)
        print(f"int8 peak of a core, by the fastest kernel: {fastest / 1e9:.0f} billion multiplications/s", flush=True)
        shapes = {str(folder): _measure(folder, cases, options.rounds, fastest) for folder in options.models}
    except ModelError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if options.out:
        head = {"when": now.isoformat(), "commit": asdict(commit()), "hardware": hardware(), "versions": versions()}
        measured = {"rounds": options.rounds, "peak": fastest, "models": shapes}
        file = options.out / f"engine-{now:%Y-%m-%dT%H%M%S}.json"
        options.out.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(head | measured, indent=1) + "\n")
        print(file)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m load.bench.engine", description=__doc__)
    models = (BIG_MODEL, COMPACT_MODEL)
    parser.add_argument("models", type=Path, nargs="*", default=models, help="baked models (those of `make bench`)")
    parser.add_argument("--cases", type=lambda text: text.split(","), help="such as 26x1,512x8,mixed; all")
    parser.add_argument("--rounds", type=int, default=3, help="blocks of each engine in each case (3)")
    parser.add_argument("--out", type=Path, nargs="?", const=RESULTS, help=f"write a JSON result ({RESULTS})")
    return parser


def _measure(folder: Path, cases: Sequence[Case], rounds: int, fastest: float) -> list[dict[str, Any]]:
    """Measure one model and print its table."""
    shape = read_weights(folder / WEIGHTS_FILE).shape
    found = engines(folder)
    lines: list[Line] = []
    for case in cases:
        blocks = alternate(runs(found, case, shape.vocabulary), rounds, time.thread_time)
        lines.append(line(shape, case, blocks, fastest))
        print(f"  {folder}: {case.name}", file=sys.stderr, flush=True)
    print(
        f"\n{table(f'{folder}, tokens x texts: ms a text (x yardstick, share of the peak)', lines)}\n{verdict(lines)}"
    )
    return data(lines)


if __name__ == "__main__":
    sys.exit(main())
