import asyncio
import json
from pathlib import Path

import pytest

from load.bench.__main__ import main
from load.bench.paths import PYTHONS
from load.bench.row import Bench, Outcome
from load.bench.rows import article, others
from load.bench.suite import ROWS
from load.errors import BenchError, StoppedError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").touch()
    return tmp_path


async def good(_: Bench) -> Outcome:
    return Outcome("good")


async def bad(_: Bench) -> Outcome:
    raise BenchError("no can do")


async def stopped(_: Bench) -> Outcome:
    raise StoppedError("a signal")


def test_unknown_rows_and_a_missing_model_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rows", "a,z"]) == 2
    assert capsys.readouterr().err.startswith("error: no row is called z; there are a, a2, b, b2, c,")
    assert main(["--big-model", str(tmp_path)]) == 2
    assert "make one with" in capsys.readouterr().err


@pytest.mark.usefixtures("node", "wrk")
def test_a_row_that_cannot_be_measured_does_not_stop_the_others(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, "a", bad)
    monkeypatch.setitem(ROWS, "b", good)
    assert main(["--rows", "a,b", "--big-model", str(model), "--out", str(model / "out")]) == 2
    (file,) = (model / "out").glob("*.json")
    rows = json.loads(file.read_text())["rows"]
    assert rows["a"]["gaps"] == ["no can do"]
    assert rows["b"]["title"] == "good"


@pytest.mark.usefixtures("node", "wrk")
def test_a_stop_keeps_the_rows_before_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, row in {"a": good, "b": stopped, "c": good}.items():
        monkeypatch.setitem(ROWS, name, row)
    assert main(["--rows", "a,b,c", "--big-model", str(model), "--out", str(model / "out")]) == 2
    (file,) = (model / "out").glob("*.json")
    assert json.loads(file.read_text())["rows"].keys() == {"a"}


def test_systems_that_are_not_installed_are_named(tmp_path: Path) -> None:
    pythons = dict.fromkeys(PYTHONS, tmp_path / "python")
    bench = Bench(tmp_path, tmp_path, 1, 1, quick=True, pythons=pythons, say=print)
    outcome = asyncio.run(others.run(bench))
    assert outcome.figures == []
    packages = [note.removeprefix("no ").partition(" in ")[0] for note in outcome.notes]
    assert packages == ["litserve", "bentoml", "infinity_emb"]
    outcome = asyncio.run(article.run(bench))
    assert (outcome.figures, outcome.notes) == ([], [f"no torch in {tmp_path / 'python'}: skipped"])
