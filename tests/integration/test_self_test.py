"""``python -m worker check``: the baked model proves itself with nothing around it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import worker
from tests.support.scheme import write_manifest, write_old_model, write_scheme_model
from worker.engines.manifest import SCHEME
from worker.engines.proof import read_reference, write_reference

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


def test_a_model_of_schema_1_is_compared_by_its_labels(tmp_path: Path) -> None:
    folder = write_old_model(tmp_path / "model")
    done = _check(folder)
    assert done.returncode == 0, done.stderr
    assert "onnx in-graph: loaded in" in done.stdout
    assert "python -m worker bake" in done.stderr
    reference = folder / "reference.json"
    turned = [{**row, "scores": row["scores"][::-1]} for row in json.loads(reference.read_text())]
    reference.write_text(json.dumps(turned))
    done = _check(folder)
    assert done.returncode == 2
    assert "answers otherwise" in done.stderr


def test_a_model_of_the_scheme_is_compared_by_all_its_scores(tmp_path: Path) -> None:
    folder = write_scheme_model(tmp_path / "model")
    done = _check(folder)
    assert done.returncode == 0, done.stderr
    assert "same label as the reference on 100.0% of 20 texts" in done.stdout
    entries = read_reference(folder)
    longest = max(entries, key=lambda entry: len(entry.text))  # which no start computes
    wrong = [entry._replace(scheme=(0.9, 0.1) if entry is longest else entry.scheme) for entry in entries]
    write_reference(folder, wrong)
    write_manifest(folder, scheme=SCHEME)
    done = _check(folder)
    assert done.returncode == 2
    assert "must not serve on this processor" in done.stderr
    assert "1 of 20 answers are not those of the bake" in done.stderr
