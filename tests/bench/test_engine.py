"""The harness of `make bench-engine`, on engines with a clock of their own, and the command on small models."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from load.bench.engine import contenders
from load.bench.engine.__main__ import main
from load.bench.engine.alternate import TIMED, UNTIMED, Ratio, alternate, ratio
from load.bench.engine.contenders import CASES, YARDSTICK, Case, work
from load.bench.engine.results import Line, line, table, verdict
from load.bench.limits.yardstick_folder import yardstick_folder
from load.bench.models.folder import write_model
from load.bench.models.shapes import COMPACT, LARGE, random_weights
from tests.support.missing import missing
from tests.support.scheme import TINY
from worker.engines.native.library import LIBRARY
from worker.engines.weights import Shape

CASE = Case("4 x 2", (4, 4))


class Clock:
    """Time that passes only while a contender runs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def __call__(self) -> float:
        return self.now

    def contender(self, name: str, seconds: Callable[[int], float]) -> Callable[[], None]:
        """Make one whose calls take so many seconds, by their number."""

        def run() -> None:
            self.now += seconds(self.calls.count(name))
            self.calls.append(name)

        return run


def test_contenders_take_turns_and_the_first_calls_of_a_block_do_not_count() -> None:
    clock, block = Clock(), UNTIMED + TIMED
    slow_start = clock.contender("a", lambda call: 9.0 if call % block < UNTIMED else 1.0)
    outlier = clock.contender("b", lambda call: 50.0 if call % block == UNTIMED else 2.0)
    assert alternate({"a": slow_start, "b": outlier}, 3, clock) == {"a": [1.0] * 3, "b": [2.0] * 3}
    assert clock.calls == (["a"] * block + ["b"] * block) * 3


def test_a_machine_that_gets_slower_changes_no_ratio() -> None:
    clock, block = Clock(), UNTIMED + TIMED
    blocks = alternate(
        {
            "a": clock.contender("a", lambda call: 6.0 * 2 ** (call // block)),
            "b": clock.contender("b", lambda call: 2.0 * 2 ** (call // block)),
        },
        3,
        clock,
    )
    assert ratio(blocks["a"], blocks["b"]) == Ratio(3.0, 0.0)


def lines(*own: float) -> list[Line]:
    return [line(TINY, CASE, {YARDSTICK: [2.0, 2.0, 2.0], "native": list(own)}, peak=work(TINY, CASE, whole=False))]


def test_the_table_has_time_ratio_and_share_of_the_peak() -> None:
    made = lines(1.0, 1.0, 1.0)
    assert table("tiny", made).splitlines()[0] == f"| tiny | {YARDSTICK} | native |"
    assert table("tiny", made).splitlines()[2].endswith("| 500.00 (2.00 x, 100%) |")
    assert verdict(made) == "Every ratio differs by at most 0% between the rounds."


def test_a_busy_machine_is_named() -> None:
    made = lines(1.0, 1.0, 1.25)
    assert table("tiny", made).splitlines()[2].endswith("x, 100%) ? |")
    assert verdict(made).startswith("1 of 1 ratios (marked ?) differ by more than 10%")


@pytest.mark.parametrize(
    ("shape", "whole", "billions"), [(LARGE, True, 1.104), (LARGE, False, 0.96), (COMPACT, True, 0.276)]
)
def test_the_work_of_a_text(shape: Shape, whole: bool, billions: float) -> None:
    assert work(shape, Case("26 x 1", (26,)), whole=whole) / 1e9 == pytest.approx(billions, rel=0.01)


def test_the_cases_are_those_of_the_study() -> None:
    names = [case.name for case in CASES]
    assert names[:5] == ["8 x 1", "8 x 2", "8 x 4", "8 x 8", "26 x 1"]
    assert len(names) == 21
    mixed = CASES[-1].lengths
    assert sum(mixed) / len(mixed) == pytest.approx(26.2, abs=0.1)


def test_the_command_measures_every_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not LIBRARY.is_file():
        missing("the native engine is not compiled: make native")
    model = tmp_path / "model"
    write_model(model, random_weights(TINY), "tiny")
    monkeypatch.setattr(contenders, "yardstick_folder", lambda folder: yardstick_folder(folder, tmp_path / "made"))
    options = [str(model), "--cases", "8x2,mixed", "--rounds", "1"]
    assert main(options) == 0
    assert not list(tmp_path.glob("*.json"))
    assert main([*options, "--out", str(tmp_path)]) == 0
    assert "| 8 x 2 |" in capsys.readouterr().out
    (file,) = tmp_path.glob("*.json")
    result = json.loads(file.read_text())
    (measured,) = result["models"].values()
    assert [row["case"] for row in measured] == ["8 x 2", "mixed"]
    names = list(measured[0]["contenders"])
    assert names[0] == YARDSTICK
    assert names[1].startswith("onnx ")
    assert all(name.startswith("native ") for name in names[2:])
    assert result["hardware"]["cores"] >= 1


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
