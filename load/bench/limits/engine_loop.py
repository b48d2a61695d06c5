"""``python -m load.bench.limits.engine_loop``: the bare engine of a model on one thread."""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from worker.engines.loading import AUTO, load_engine

_WARM_UP = 5


def main() -> int:
    """Load the engine, print a line, wait for a line of input, run for some seconds, and print the times in ms."""
    parser = argparse.ArgumentParser(prog="python -m load.bench.limits.engine_loop")
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True, help="JSON list")
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    texts = json.loads(options.texts.read_text())
    engine = load_engine(AUTO, options.model_dir, threads=1)
    for text in texts[:_WARM_UP]:
        engine.classify([text])
    print("ready", flush=True)
    sys.stdin.readline()
    times: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < options.seconds:
        start = time.perf_counter()
        engine.classify([texts[len(times) % len(texts)]])
        times.append((time.perf_counter() - start) * 1000)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        json.dumps(
            {
                "engine": " ".join(filter(None, (engine.name, engine.variant))),
                "texts": len(times),
                "per_second": len(times) / seconds,
                "p50_ms": statistics.median(times),
                "cpu_ms": cpu / len(times) * 1000,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
