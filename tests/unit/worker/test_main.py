import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import worker
from worker.__main__ import main

_LIGHT = """
import sys
import worker.engines.manifest, worker.engines, worker.engines.base, worker.engines.loading
from worker.__main__ import main
for arguments in (["--help"], ["train", "--help"], ["bake", "--help"]):
    try:
        main(arguments)
    except SystemExit as end:
        assert end.code == 0
heavy = {"numpy", "onnx", "onnxruntime", "tokenizers", "torch", "transformers"} & sys.modules.keys()
assert not heavy, heavy
"""

_ONLY_THIS_FOLDER = """
import sys
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
sys.path = [path for path in sys.path if not path.startswith("__editable__")]
"""
_SERVING = "worker.process, worker.queue.tasks, worker.queue.lifecycle, worker.queue.program, worker.run, worker.health"


def test_help_names_the_commands_and_loads_no_ml() -> None:
    done = subprocess.run([sys.executable, "-c", _LIGHT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout
    assert "--expect-digest" in done.stdout


def test_without_the_code_for_modelling_all_that_serves_is_there(tmp_path: Path) -> None:
    """The image that serves is made so."""
    root = Path(worker.__file__).parents[1]
    for package in ("shared", "worker"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("modelling", "__pycache__"))
    (tmp_path / "sitecustomize.py").write_text(_ONLY_THIS_FOLDER)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    for arguments in (["-c", f"import {_SERVING}"], ["-m", "worker", "--help"], ["-m", "worker", "check"]):
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "fine-tune" not in done.stdout
    assert "same label as the reference" in done.stdout


@pytest.mark.parametrize(("command", "verb"), [("train", "training"), ("bake --output unused", "baking")])
def test_without_torch_one_sentence_says_what_to_install(
    command: str, verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = command.split(maxsplit=1)[0]
    monkeypatch.setattr(f"worker.modelling.{name}.command.find_spec", lambda _package: None)
    assert main(command.split()) == 2
    expected = f"error: {verb} needs the train extra: make {name}, or pip install '.[worker,train]'\n"
    assert capsys.readouterr().err == expected


def test_no_epochs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--epochs", "0"]) == 2
    assert capsys.readouterr().err == "error: --epochs must be at least 1, not 0\n"
