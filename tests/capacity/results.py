"""Results of the benchmark as it writes them, made from what the simulated machine says."""

from dataclasses import asdict
from typing import Any

from load.bench.limits.bare_engine import Engine
from load.bench.rows import miss_path
from load.bench.rows.resources import cold_start
from load.capacity.inputs.model import Plan
from load.capacity.simulate.machine import Machine, Setup

GENERATOR = 0.0001
_HARDWARE = {"cpu": "test", "cores": 2, "usable_cores": 2}


def load_run(plan: Plan, scenario: str, setup: Setup) -> dict[str, Any]:
    """Return the result of `make bench-load` that a machine which is as the plan says would give."""
    seen = Machine(plan, setup).run()
    requests = round(seen.throughput * (setup.seconds - setup.warm_up))
    hits = round(requests * plan.traffic.hit_rate)
    return {
        "scenario": scenario,
        "hardware": _HARDWARE,
        "settings": {"warm_up": setup.warm_up, "connections": 10, "rate": 56.0, "seed": 1, "poisson": setup.poisson},
        "seconds": setup.seconds - setup.warm_up,
        "requests": requests,
        "requests_per_second": seen.throughput,
        "success": 1.0,
        "seen": {"none": 0, "hits": hits, "misses": requests - hits, "mixed": 0},
        "latency": {
            "all": {"p50": seen.p50 * 1000, "p99": seen.p99 * 1000},
            "misses": {"p50": seen.miss_p50 * 1000, "p99": seen.miss_p99 * 1000},
        },
        "parts": {
            name: {"cpu_seconds": GENERATOR * requests, "cores": 0.0, "peak_rss_mb": 50.0}
            for name in ("generator", "api", "broker", "cache", "worker", "model-1", "model-2", "flower", "launcher")
        },
    }


def bench(plan: Plan, mean_seconds: float) -> dict[str, Any]:
    """Return the result of `make bench` that such a machine would give, an engine's pass taking so long on average."""
    costs, requests = plan.costs, 1000
    setup = Setup(cores=2, processes=2, seconds=20, warm_up=0, generator_cpu=GENERATOR, connections=1)
    cold = plan.model_copy(update={"traffic": plan.traffic.model_copy(update={"hit_rate": 0.0})})
    p50 = Machine(cold, setup).run().miss_p50 * 1000
    alone = {
        "api": costs.miss_cpu * 2,  # a process that has just woken is slower; it is the busy one's time that counts
        "broker": costs.broker_cpu * 2,
        "cache": costs.cache_cpu * 2,
        "worker": costs.parent_cpu,
        "model-1": costs.message_cpu + mean_seconds,
        "model-2": 0.0,
        "generator": GENERATOR,
    }
    busy = {"api": costs.miss_cpu, "broker": costs.broker_cpu, "cache": costs.cache_cpu}
    engine, engines = (Engine("native", 0, 0, mean_seconds * 1000 * slower) for slower in (1.0, costs.alone_speedup))
    misses: Any = [_sample(alone, requests, {"misses": {"p50": p50}})]
    saturated: Any = [_sample(busy, requests, {})]
    lengths = [
        {"tokens": tokens, "engine_ms": seconds / costs.alone_speedup * 1000}
        for tokens, seconds in costs.seconds_by_tokens.items()
    ]
    start = asdict(cold_start.Start(costs.cold_start_seconds, costs.cold_start_seconds + 0.1, "native"))
    rows = {
        "a": {"own cache": [_sample({"server": costs.hit_cpu, "generator": GENERATOR}, requests, {})]},
        "b": {
            # The benchmark's own classes where there are some, so that what it writes is what is read here.
            miss_path._LARGE: asdict(miss_path._Measured([engine], [engines], misses, saturated)),
        },
        "d": {"as served, 66 M": [start]},
        "g": {"lengths": lengths},
        "h": {"open": [{"requests": 56, "latency": {"hits": {"p50": (costs.idle_seconds + costs.hit_cpu) * 1000}}}]},
    }
    return {
        "when": "2026-01-01T00:00:00+00:00",
        "commit": {"id": "0", "dirty": False},
        "hardware": _HARDWARE,
        "settings": {"runs": 1},
        "rows": {name: {"title": "", "figures": [], "data": data, "notes": []} for name, data in rows.items()},
    }


def _sample(cpu: dict[str, float], requests: int, latency: dict[str, Any]) -> dict[str, Any]:
    return {
        "figures": {"requests": requests, "latency": latency},
        "usage": {name: {"cpu_seconds": seconds * requests} for name, seconds in cpu.items()},
    }
