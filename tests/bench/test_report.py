import json
from pathlib import Path

import pytest

from load.bench.results.report import margin, number, table, write_results
from load.bench.row import Figure, Outcome


def outcome() -> Outcome:
    made = Outcome("Hit path", data={"samples": [1, 2]}, notes=["on one machine"], engines=["native avx512-vnni"])
    made.gaps.append("open loop: the generator was late")
    made.add("no-op", 7260.4, "requests/s")
    made.at_least("own cache / no-op", 1.5, "x", 1.3)
    made.at_most("median", 2.5, "ms", 2)
    return made


def test_a_table_says_what_is_met() -> None:
    lines = table({"a": outcome()}).splitlines()
    assert lines[2:] == [
        "| **a** | **Hit path** | | | |",
        "| | no-op | 7,260 requests/s |  |  |",
        "| | own cache / no-op | 1.5 x | ≥ 1.3 | met |",
        "| | median | 2.5 ms | ≤ 2 | **not met** |",
        "| | **not measured:** open loop: the generator was late | | | |",
        "| | on one machine | | | |",
        "| | served by native avx512-vnni | | | |",
    ]


@pytest.mark.parametrize(("value", "text"), [(0.12345, "0.123"), (12.345, "12.3"), (999.9, "1e+03"), (1234.5, "1,234")])
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


def test_margins() -> None:
    assert margin(Figure("rate", 3.0, "x", "≥ 2", met=True)) == 1.5
    assert margin(Figure("time", 4.0, "ms", "≤ 2", met=False)) == 0.5
    assert margin(Figure("growth", -0.1, "MB/min", "≤ 0.1", met=True)) == float("inf")


def test_everything_is_on_disk_with_and_without_curves(tmp_path: Path) -> None:
    rate = {"figures": {"requests_per_second": 900.0}}
    cost = Outcome(
        "Cost",
        data={
            "lengths": [{"tokens": 8, "engine_ms": 1.0, "ms": 2.0}, {"tokens": 16, "engine_ms": 2.0, "ms": None}],
            "batches": [{"texts": 1, "ms": 2.0}],
            "keys": [{"keys": 1000, **rate}],
        },
    )
    for stem, outcomes in (
        (tmp_path / "new" / "one", {"a": outcome()}),
        (tmp_path / "two", {"a": outcome(), "g": cost}),
        (tmp_path / "three", {"c2": Outcome("nothing")}),
    ):
        write_results(stem, {"seed": 1}, outcomes)
        written = json.loads(stem.with_suffix(".json").read_text())
        assert written["seed"] == 1
        assert written["rows"].keys() == outcomes.keys()
        assert stem.with_suffix(".md").read_text() == table(outcomes)
        assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
