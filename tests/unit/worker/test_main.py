import subprocess
import sys

import pytest

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


def test_help_names_the_commands_and_loads_no_ml() -> None:
    done = subprocess.run([sys.executable, "-c", _LIGHT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout
    assert "--expect-digest" in done.stdout


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
