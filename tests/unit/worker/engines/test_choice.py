"""The choice between the native engine and ONNX Runtime; the native one is stood in for by plain NumPy."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shared.contract.errors import ModelError
from tests.support.models import write_model
from tests.support.numpy_engine import NumPyEngine
from tests.support.scheme import write_old_model, write_scheme_model
from worker.engines.base import TextScores
from worker.engines.loading import advice, load_engine
from worker.engines.manifest import load_manifest

NATIVE = "worker.engines.native.engine"
NO_KERNEL = "no kernel fits this processor"


class LyingEngine(NumPyEngine):
    """Gives every text the same scores."""

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        return [TextScores((0.5, 0.5)) for _ in texts]


def unfit(model_dir: Path, threads: int) -> Any:
    raise ModelError(NO_KERNEL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scheme_model(tmp_path_factory.mktemp("scheme") / "tiny")


def stand_in(monkeypatch: pytest.MonkeyPatch, load: Any) -> None:
    module = ModuleType(NATIVE)
    module.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, NATIVE, module)


def test_auto_is_the_native_engine_where_it_can_serve(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, NumPyEngine)
    for spec in ("auto", "native"):
        engine = load_engine(spec, folder, 1)
        assert (engine.name, engine.variant) == ("native", "numpy")


@pytest.mark.parametrize(
    ("load", "threads", "told"),
    [
        (unfit, 1, NO_KERNEL),
        (None, 1, "the engine 'native' cannot be loaded: ModuleNotFoundError"),
        (NumPyEngine, 2, "SENTIMENT_ENGINE_THREADS is 2"),
    ],
)
def test_where_it_cannot_auto_is_onnx_and_one_line_says_why(
    load: Any, threads: int, told: str, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    if load:
        stand_in(monkeypatch, load)
    else:
        monkeypatch.setitem(sys.modules, NATIVE, None)
    assert load_engine("auto", folder, threads).name == "onnx"
    (line,) = caplog.records
    assert line.getMessage() == "ONNX Runtime serves, not the native engine"
    assert told in vars(line)["reason"]
    with pytest.raises(ModelError) as caught:
        load_engine("native", folder, threads)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spec", ["auto", "native"])
def test_an_engine_that_lies_does_not_serve(spec: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, LyingEngine)
    with pytest.raises(ModelError, match=r"^the engine 'native' \(variant numpy\) must not serve on this processor \("):
        load_engine(spec, folder, 1)


def test_a_model_of_schema_1_is_onnx_runtimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, NumPyEngine)
    old = write_old_model(tmp_path / "old")
    assert load_engine("auto", old, 1).name == "onnx"
    with pytest.raises(ModelError, match="cannot read a model of schema 1"):
        load_engine("native", old, 1)


def test_only_a_model_of_schema_1_that_our_engines_serve_should_be_baked_again(folder: Path, tmp_path: Path) -> None:
    old, new = load_manifest(write_model(tmp_path / "old", built_at=1)), load_manifest(folder)
    for spec in ("auto", "onnx", "native"):
        assert "python -m worker bake" in advice(spec, old)
        assert advice(spec, new) == ""
    assert advice("torch", old) == advice("package.module:factory", old) == ""


_WITHOUT_ONNX = """
import sys
from pathlib import Path
from types import ModuleType
sys.modules["onnxruntime"] = None  # an import of it fails
from tests.support.numpy_engine import NumPyEngine
module = sys.modules["worker.engines.native.engine"] = ModuleType("stand-in")
module.load = NumPyEngine
from worker.engines.loading import load_engine
engine = load_engine("auto", Path(sys.argv[1]), 1)
assert (engine.name, engine.variant) == ("native", "numpy")
"""


def test_onnx_runtime_is_not_imported_where_the_native_engine_serves(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_ONNX, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
