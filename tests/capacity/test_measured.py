"""From the benchmark's results to service times, and from service times back to the runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from load.capacity.answers.measure import measured
from load.capacity.answers.validate import Comparison, compare, table
from load.capacity.inputs.flags import MEASURED
from load.capacity.inputs.model import Costs, Plan
from load.capacity.inputs.results import Bench, LoadRun, ResultError, read_bench, read_run
from load.capacity.simulate.machine import Measured, Setup
from tests.capacity.plans import COSTS, plan
from tests.capacity.results import GENERATOR, bench, load_run

MIX = {8: 0.4, 32: 0.6}
MEAN = 0.4 * 0.004 + 0.6 * 0.010
CLOSED = Setup(cores=2, processes=2, seconds=6, warm_up=1, generator_cpu=GENERATOR, connections=10)
OPEN = Setup(cores=2, processes=2, seconds=11, warm_up=1, generator_cpu=0, rate=56.0, poisson=False)


def test_costs_come_back_from_the_benchmark_of_a_machine_that_has_them() -> None:
    told = plan(costs={"idle_seconds": 0.0003}, traffic={"length_mix": MIX})
    fields = measured(Bench.model_validate(bench(told, MEAN)), MIX)
    assert fields["measured"] is True
    assert fields["traffic"] == {"length_mix": MIX}
    found = Costs.model_validate(fields["costs"])
    expected = told.costs
    assert found.seconds_by_tokens == pytest.approx(expected.seconds_by_tokens)
    for name in COSTS.keys() - {"seconds_by_tokens"}:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=2e-6)
    assert Plan.model_validate({name: fields[name] for name in ("costs", "traffic")})


def test_what_all_cores_busy_cost_is_what_is_planned_with() -> None:
    told = plan(costs={"alone_speedup": 1.25}, traffic={"length_mix": MIX})
    # Alone, each pass takes four fifths; the mean of the bare engine on one process is such a time.
    costs = measured(Bench.model_validate(bench(told, MEAN / 1.25)), MIX)["costs"]
    assert costs["alone_speedup"] == pytest.approx(1.25)
    assert costs["seconds_by_tokens"][32] == pytest.approx(0.010)


@pytest.mark.parametrize("row", ["a", "b", "d", "g", "h"])
def test_a_benchmark_without_a_row_is_refused(row: str) -> None:
    result = bench(plan(traffic={"length_mix": MIX}), MEAN)
    result["rows"][row]["data"] = {"seconds": 1.0}  # what a row that could not be measured leaves
    with pytest.raises(ResultError, match="rows a, b, d, g and h"):
        measured(Bench.model_validate(result), MIX)


def test_a_quick_benchmark_is_refused() -> None:
    result = bench(plan(traffic={"length_mix": MIX}), MEAN) | {"settings": {"quick": True}}
    with pytest.raises(ResultError, match="too short"):
        measured(Bench.model_validate(result), MIX)


def test_lengths_that_cannot_be_true_are_refused() -> None:
    result = bench(plan(traffic={"length_mix": MIX}), MEAN)
    result["rows"]["g"]["data"]["lengths"][0]["engine_ms"] = 100.0
    with pytest.raises(ResultError, match="a longer text cannot take less time"):
        measured(Bench.model_validate(result), MIX)


@pytest.mark.parametrize(
    ("scenario", "hit_rate", "setup"), [("headline", 0.95, CLOSED), ("cold", 0, CLOSED), ("open", 0.95, OPEN)]
)
def test_a_machine_that_is_as_measured_has_no_error(scenario: str, hit_rate: float, setup: Setup) -> None:
    told = plan(traffic={"length_mix": MIX, "hit_rate": hit_rate})
    comparison = compare(told, LoadRun.model_validate(load_run(told, scenario, setup)))
    assert comparison.setup.connections == setup.connections
    for quantity in comparison.quantities:
        assert comparison.error(quantity) == pytest.approx(0, abs=0.02)


def test_an_error_is_relative_to_what_was_measured() -> None:
    seen, simulated = Measured(200.0, 0.010, 0.020, 0.030, 0.040), Measured(150.0, 0.012, 0.020, 0.060, 0.030)
    comparison = Comparison("headline", CLOSED, 1.97, seen, simulated)
    errors = {quantity: comparison.error(quantity) for quantity in comparison.quantities}
    expected = {"throughput": -0.25, "p50": 0.2, "p99": 0.0, "miss_p50": 1.0, "miss_p99": -0.25}
    assert errors == pytest.approx(expected)
    assert "| headline | 1.97 | requests/s | 200 | 150 | -25.0% |" in table([comparison])
    assert "| headline | 1.97 | miss p50 ms | 30 | 60 | +100.0% |" in table([comparison])


def test_what_only_looks_on_takes_its_cores_away() -> None:
    told = plan(traffic={"length_mix": MIX, "hit_rate": 0.0})
    result = load_run(told, "cold", CLOSED)
    result["parts"]["flower"]["cores"] = 0.25
    result["parts"]["generator"]["cores"] = 0.5
    assert compare(told, LoadRun.model_validate(result)).setup.cores == 1.75
    found = compare(told, LoadRun.model_validate(result | {"scenario": "open"})).setup
    assert (found.cores, found.generator_cpu) == (1.25, 0)  # it works between requests


@pytest.mark.parametrize("change", [{"scenario": "skewed"}, {"parts": {}}, {"seen": {"mixed": 5}}])
def test_runs_that_are_not_simulated_are_refused(change: dict[str, Any]) -> None:
    told = plan(traffic={"length_mix": MIX, "hit_rate": 0.0})
    with pytest.raises(ResultError, match="are simulated"):
        compare(told, LoadRun.model_validate(load_run(told, "cold", CLOSED) | change))


def test_other_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"scenario": "cold"}')
    with pytest.raises(ResultError, match=r"other\.json is no result of `make bench-load`: hardware"):
        read_run(file)
    with pytest.raises(ResultError, match="no result of `make bench`: when"):
        read_bench(file)
    with pytest.raises(ResultError, match="No such file"):
        read_run(tmp_path / "missing.json")


def test_the_measured_file_says_what_it_is() -> None:
    fields = json.loads(MEASURED.read_text())
    assert isinstance(fields["measured"], bool)
    assert Plan.model_validate({"costs": fields["costs"], "traffic": fields["traffic"]})
    if fields["measured"]:
        assert {"when", "commit", "cpu"} <= fields["source"].keys()
