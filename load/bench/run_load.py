"""``python -m load.bench.run_load SCENARIO``: the stack under one kind of traffic; a JSON result and a picture."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from load.bench.parts.stack import serving_engines, with_stack
from load.bench.parts.stall import LONGEST_SECONDS, StallWatch
from load.bench.paths import RESULTS
from load.bench.results.machine import commit, hardware, versions
from load.bench.results.plot import draw_series
from load.errors import BenchError
from load.generate.drive import LATEST_MS
from load.generate.figures import series, summarise
from load.generate.scenarios import SCENARIOS, Order, Run, run_scenario
from load.generate.tools import node, wrk


class _Seen(NamedTuple):
    run: Run
    engines: list[str]
    """Those that served, as ``/health`` names them."""


def main() -> int:
    """Run one scenario and return the exit code; 2 after a sentence if it cannot be measured."""
    options = _parser().parse_args()
    try:
        result = asyncio.run(_measure(options))
    except BenchError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    stem = options.out / f"{options.scenario}-{result['when'][:19].replace(':', '')}"
    options.out.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    draw_series(result["series"], _title(result), stem.with_suffix(".png"))
    print(_table(result))
    print(f"\n  {stem}.json and .png")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m load.bench.run_load",
        description="Start the product with its defaults (SENTIMENT_* variables are left aside), drive one kind of "
        "traffic, write a JSON result and a picture.",
        epilog="; ".join(f"{name}: {scenario.text}" for name, scenario in SCENARIOS.items()),
    )
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--model-dir", type=Path, help="a baked model; the one in the repository without")
    parser.add_argument("--seconds", type=float, default=30, help="of measurement (30)")
    parser.add_argument("--warm-up", type=float, default=2, help="seconds before it (2)")
    parser.add_argument("--connections", type=int, default=10, help="of a closed loop (10)")
    parser.add_argument("--rate", type=float, default=56, help="requests a second of an open loop (56)")
    parser.add_argument("--poisson", action="store_true", help="random gaps in an open loop instead of even ones")
    late = f"by how much one request in a hundred of an open loop may be sent late ({LATEST_MS:g})"
    parser.add_argument("--latest-ms", type=float, default=LATEST_MS, help=late)
    parser.add_argument("--seed", type=int, default=1, help="of all choices (1)")
    parser.add_argument("--target", metavar="URL", help="a running service, its prefix included, instead of our own")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"where the result goes ({RESULTS})")
    return parser


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    node()
    if SCENARIOS[options.scenario].phases is None:
        wrk()
    names = ("seconds", "warm_up", "connections", "rate", "seed", "poisson", "latest_ms")
    order = Order(**{name: getattr(options, name) for name in names})
    with StallWatch() as watch:
        run, engines = await _drive(options, order)
    observation = run.observation
    return {
        "scenario": options.scenario,
        "what": SCENARIOS[options.scenario].text,
        "when": datetime.now(UTC).isoformat(),
        "commit": asdict(commit()),
        "hardware": hardware(),
        "versions": versions(),
        "engines": engines,
        "settings": asdict(order)
        | {"salt": run.salt, "model_dir": str(options.model_dir or ""), "target": options.target},
        **asdict(summarise(observation.records, observation.seconds)),
        "series": series(observation.records, observation.began, observation.seconds),
        "parts": {name: asdict(usage) for name, usage in observation.usage.items()},
        "generator": observation.generator,
        "longest_stall": round(watch.longest, 3),
        "jobs": run.jobs,
    }


async def _drive(options: argparse.Namespace, order: Order) -> _Seen:
    def say(text: str) -> None:
        print(f"  {options.scenario}: {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="sentiment-load-") as folder:

        async def run(base: str, processes: Mapping[str, psutil.Process]) -> _Seen:
            engines = serving_engines(base)
            return _Seen(await run_scenario(options.scenario, order, base, Path(folder), processes, say), engines)

        if options.target:
            return await run(options.target.rstrip("/"), {})
        say("starting the stack")
        return await with_stack(lambda stack: run(stack.base, stack.processes), options.model_dir)


def _title(result: dict[str, Any]) -> str:
    return f"{result['scenario']}: {result['what']}\n{result['hardware']['cpu']}, commit {result['commit']['id'][:10]}"


def _table(result: dict[str, Any]) -> str:
    lines = [f"\n  {result['requests_per_second']:.0f} requests/s, {result['success']:.2%} answered with 200"]
    lines.append(f"  {result['strayed']} answers were a hit where a miss was meant, or the other way round\n")
    lines.append(f"  {'ms':<10}" + "".join(f"{name:>10}" for name in next(iter(result["latency"].values()), ())))
    lines += [
        f"  {name:<10}" + "".join(f"{value:>10.2f}" for value in row.values())
        for name, row in result["latency"].items()
    ]
    if result["longest_stall"] > LONGEST_SECONDS:
        lines.append(f"\n  The whole machine stood still for {result['longest_stall']:.1f} s: measure again.")
    lines.append(f"\n  {'part':<10}{'cores':>10}{'peak MB':>10}")
    lines += [f"  {name:<10}{row['cores']:>10.2f}{row['peak_rss_mb']:>10.0f}" for name, row in result["parts"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
