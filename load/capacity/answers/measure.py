"""Computation of service times from a result of `make bench`, for `measured.json`."""

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

import numpy as np

from load.capacity.inputs.model import Costs, Plan, Traffic
from load.capacity.inputs.results import Bench, Figures, ResultError, Sample, cpu_per_request
from load.capacity.simulate.machine import Machine, Setup

_MODEL: Final = "66 M"
_DIGITS: Final = 7
_PATH_SECONDS: Final = 20.0


def measured(bench: Bench, length_mix: dict[int, float]) -> dict[str, Any]:
    """Return the content of `measured.json`, computed from rows a, b, d, g and h.

    Args:
        bench: the result.
        length_mix: share of the profiles' texts by tokens.

    Raises:
        ResultError: a row is missing, was not measured or is impossible; or it is the result of a quick benchmark.
    """
    if bench.settings.get("quick"):
        raise ResultError("a quick benchmark is too short to plan with")
    try:
        costs = _costs(bench, length_mix)
    except (KeyError, ValueError) as error:
        raise ResultError(
            f"the costs are those of the rows a, b, d, g and h, which do not give them: {error}"
        ) from None
    source = {"when": bench.when, "commit": bench.commit, "cpu": bench.hardware.cpu, "settings": bench.settings}
    return {"measured": True, "source": source, "costs": costs, "traffic": {"length_mix": length_mix}}


def _costs(bench: Bench, length_mix: dict[int, float]) -> dict[str, Any]:
    hot = _samples(bench.rows["a"].data["own cache"])
    row = bench.rows["b"].data[_MODEL]
    single, saturated = _samples(row["alone"]), _samples(row["saturated"])
    alone, together = (median(engine["cpu_ms"] for engine in row[name]) / 1000 for name in ("engine", "engines"))
    costs: dict[str, Any] = {
        "hit_cpu": cpu_per_request(hot, "server"),
        # A busy process needs less: each time that it wakes up, it handles several requests.
        "miss_cpu": cpu_per_request(saturated, "api"),
        "broker_cpu": cpu_per_request(saturated, "broker"),
        "cache_cpu": cpu_per_request(saturated, "cache"),
        # With a single client, each message has one text.
        "parent_cpu": cpu_per_request(single, "worker"),
        "message_cpu": max(0.0, cpu_per_request(single, "model-") - alone),
        "path_seconds": 0.0,
        "idle_seconds": max(0.0, _idle_p50(bench) - cpu_per_request(hot, "server")),
        "cold_start_seconds": median(start["announced"] for start in bench.rows["d"].data[f"as served, {_MODEL}"]),
        "alone_speedup": max(1.0, together / alone),
    }
    costs = {name: round(value, _DIGITS) for name, value in costs.items()}
    costs["seconds_by_tokens"] = _curve(bench.rows["g"].data["lengths"], length_mix, together)
    return costs | {"path_seconds": round(_path(bench, costs, single, length_mix), _DIGITS)}


def _curve(points: Sequence[dict[str, Any]], length_mix: dict[int, float], mean: float) -> dict[int, float]:
    """Return the seconds of a pass by tokens: the curve of row g, scaled to row b, in which every core was busy."""
    tokens, times = [point["tokens"] for point in points], [point["engine_ms"] for point in points]
    of_mix = np.interp(list(length_mix), tokens, times) @ list(length_mix.values())
    return {count: round(time * mean / float(of_mix), _DIGITS) for count, time in zip(tokens, times, strict=True)}


def _idle_p50(bench: Bench) -> float:
    """Return the median latency of hits at the article's rate, at which the machine is idle between most requests."""
    return median(Figures.model_validate(run).latency["hits"]["p50"] for run in bench.rows["h"].data["open"]) / 1000


def _path(bench: Bench, costs: dict[str, Any], single: Sequence[Sample], length_mix: dict[int, float]) -> float:
    """Return the seconds by which measured misses of a single client are slower than simulated ones."""
    traffic = Traffic(hit_rate=0, length_mix=length_mix)
    setup = Setup(
        cores=bench.hardware.usable_cores,
        processes=bench.hardware.usable_cores,
        seconds=_PATH_SECONDS,
        warm_up=0,
        generator_cpu=cpu_per_request(single, "generator"),
        connections=1,
    )
    simulated = Machine(Plan(costs=Costs(**costs), traffic=traffic), setup).run().miss_p50
    seen = median(sample.figures.latency["misses"]["p50"] for sample in single) / 1000
    return max(0.0, seen - simulated)


def _samples(data: Sequence[dict[str, Any]]) -> list[Sample]:
    return [Sample.model_validate(sample) for sample in data]
