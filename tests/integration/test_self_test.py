"""``python -m worker check``: the baked model proves itself with nothing around it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import worker

MODEL = Path(worker.__file__).parent / "model"


def _check(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SENTIMENT_MODEL_DIR": str(folder)}
    command = [sys.executable, "-m", "worker", "check"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


def test_the_committed_model_passes() -> None:
    done = _check(MODEL)
    assert done.returncode == 0, done.stderr
    assert "same label as the reference on" in done.stdout


def test_a_model_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MODEL, tmp_path / "model"))
    with (folder / "model.onnx").open("ab") as graph:
        graph.write(b"more")
    done = _check(folder)
    assert done.returncode == 2
    assert "another digest" in done.stderr


def test_other_answers_than_when_it_was_baked_are_told(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MODEL, tmp_path / "model"))
    reference = folder / "reference.json"
    reference.write_text(reference.read_text().replace('"scores": [', '"scores": [2.0,').replace("2.0,", "2.0, "))
    done = _check(folder)
    assert done.returncode == 2
    assert "answers otherwise" in done.stderr
