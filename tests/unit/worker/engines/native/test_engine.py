"""The native engine on a baked folder: chosen by itself, the same answers as the reference, alone and among others."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.contract.errors import ModelError
from tests.support.numpy_engine import NumPyEngine
from tests.support.scheme import TINY, write_scheme_model
from tests.support.weights import random_weights
from worker.engines.loading import load_engine
from worker.engines.manifest import MANIFEST
from worker.engines.native import engine as native
from worker.engines.native import library
from worker.engines.native.engine import NativeEngine
from worker.engines.native.library import REFERENCE_VARIANT, variants

TEXTS = ["Lovely.", "word " * 700, "", "Dreadful service, never again.", "\U0001f600 " * 50, "Not bad at all."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scheme_model(tmp_path_factory.mktemp("native") / "tiny", random_weights(TINY._replace(width=64)))


def test_it_serves_by_default_where_it_can(folder: Path) -> None:
    engine = load_engine("auto", folder, 1)
    if variants() == [REFERENCE_VARIANT]:
        assert engine.name == "onnx"
    else:
        assert (engine.name, engine.variant in variants()[:-1]) == ("native", True)


@pytest.mark.parametrize("variant", variants())
def test_answers_are_those_of_the_scheme(folder: Path, variant: str) -> None:
    found = NativeEngine(folder, variant).classify(TEXTS)
    expected = NumPyEngine(folder, 1).classify(TEXTS)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.scores == pytest.approx(theirs.scores, abs=0.04)
        assert sum(ours.scores) == pytest.approx(1)
    assert found[1].tokens == 512
    assert [record.unknown_tokens for record in found[:4]] == [0, 0, 0, 0]
    assert found[4].unknown_tokens == 50


def test_an_answer_depends_on_its_text_alone(folder: Path) -> None:
    engine = NativeEngine(folder, variants()[0])
    alone = [NativeEngine(folder, REFERENCE_VARIANT).classify([text])[0] for text in TEXTS]
    assert engine.classify(TEXTS) == alone
    assert engine.classify(TEXTS[::-1] * 30) == alone[::-1] * 30
    assert engine.classify([]) == []
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: engine.classify([text])[0], TEXTS * 4)) == alone * 4


def test_a_processor_without_code_of_its_own_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "variants", lambda: [REFERENCE_VARIANT])
    with pytest.raises(ModelError, match="no code for this processor"):
        load_engine("native", folder, 1)
    assert load_engine("auto", folder, 1).name == "onnx"


def test_a_library_that_was_not_compiled_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.load.cache_clear()
    monkeypatch.setattr(library, "LIBRARY", tmp_path / "libsentiment.so")
    try:
        with pytest.raises(ModelError, match=r"the native engine is not there: .*libsentiment\.so"):
            load_engine("native", folder, 1)
        assert load_engine("auto", folder, 1).name == "onnx"
    finally:
        library.load.cache_clear()


def test_sizes_that_no_variant_fits_are_onnx_runtimes(tmp_path: Path) -> None:
    odd = write_scheme_model(tmp_path / "odd", random_weights(TINY._replace(width=36, hidden=52, heads=3)))
    with pytest.raises(ModelError, match="cannot run the weights"):
        load_engine("native", odd, 1)
    assert load_engine("auto", odd, 1).name == "onnx"


def test_files_outside_the_manifest_are_refused(tmp_path: Path) -> None:
    folder = write_scheme_model(tmp_path / "unlisted")
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["files"]["weights.bin"]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"does not list weights\.bin"):
        load_engine("native", folder, 1)


def test_it_needs_neither_numpy_nor_onnx_runtime(folder: Path) -> None:
    if variants() == [REFERENCE_VARIANT]:
        pytest.skip("ONNX Runtime serves on this processor")
    script = (
        "import sys; from pathlib import Path; from worker.engines.loading import load_engine; "
        "print(load_engine('auto', Path(sys.argv[1]), 1).name, {'numpy', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "native set()\n"
