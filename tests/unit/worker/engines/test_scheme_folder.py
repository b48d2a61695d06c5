"""Folders of schema 2 on ONNX Runtime."""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shared.contract.errors import ModelError
from tests.support.encoder import scores
from tests.support.missing import missing
from tests.support.scheme import TINY, write_manifest, write_scheme_model
from tests.support.weights import random_weights
from worker.engines.loading import load_engine
from worker.engines.manifest import MANIFEST, SCHEME, load_manifest, verify
from worker.engines.proof import BOUND
from worker.engines.text.tokenizer import TextTokenizer
from worker.engines.weights import read_weights, write_weights
from worker.modelling.bake.texts import reference_texts

TEXTS = reference_texts()[5:200:7]


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scheme_model(tmp_path_factory.mktemp("scheme") / "tiny")


@pytest.fixture
def folder(shared_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared_folder, tmp_path / "tiny"))


def test_its_answers_are_those_of_the_scheme(shared_folder: Path) -> None:
    verify(shared_folder, load_manifest(shared_folder))
    weights, text_of = read_weights(shared_folder / "weights.bin"), TextTokenizer(shared_folder)
    for text, record in zip(TEXTS, load_engine("onnx", shared_folder, 1).classify(TEXTS), strict=True):
        ids = text_of.ids(text)
        assert record.tokens == len(ids)
        assert np.abs(np.subtract(record.scores, scores(weights, ids))).max() < BOUND


def test_an_answer_depends_on_its_text_alone_to_the_bit(shared_folder: Path) -> None:
    engine = load_engine("onnx", shared_folder, 1)
    alone = [load_engine("onnx", shared_folder, 1).classify([text])[0] for text in TEXTS[:5]]
    assert engine.classify(TEXTS[:5]) == alone
    assert engine.classify(TEXTS[4::-1]) == alone[::-1]


def test_other_weights_than_the_reference_was_made_with_do_not_serve(folder: Path) -> None:
    write_weights(folder / "weights.bin", random_weights(TINY, seed=1))
    write_manifest(folder, scheme=SCHEME)
    with pytest.raises(ModelError, match=r"the engine 'onnx' \(variant u8[us]8\) must not serve on this processor"):
        load_engine("onnx", folder, 1)


@pytest.mark.parametrize("name", ["weights.bin", "model.onnx", "tokenizer.json"])
def test_a_file_that_the_manifest_does_not_list_is_not_loaded(folder: Path, name: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["files"][name]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=f"does not list {name}"):
        load_engine("onnx", folder, 1)


@pytest.mark.parametrize("name", ["weights.bin", "model.onnx", "tokenizer.json", "reference.json"])
@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_a_broken_file_is_one_clear_sentence(folder: Path, name: str, content: bytes | None) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"cannot be (loaded|read)") as caught:
        load_engine("onnx", folder, 1)
    assert "\n" not in str(caught.value)


def test_weights_of_another_shape_than_the_graph_are_refused(folder: Path) -> None:
    write_weights(folder / "weights.bin", random_weights(TINY._replace(width=48)))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_engine("onnx", folder, 1)


_WITHOUT_VNNI = """
import sys
from pathlib import Path
from worker.engines import onnx, processor
processor.CPUINFO = Path(sys.argv[2])
engine = onnx.load(Path(sys.argv[1]), 1)
from worker.engines.proof import prove, read_reference
entries = [entry for entry in read_reference(Path(sys.argv[1])) if len(entry.text) < 100]
prove(engine, entries)
print(engine.variant, len(entries))
"""


@pytest.mark.parametrize("processor", ["Haswell", "Skylake-Server"])
def test_products_do_not_saturate_on_processors_without_vnni(processor: str, folder: Path, tmp_path: Path) -> None:
    """Under emulation, on random weights: there the runtime's usual products are far outside of the bound."""
    emulator = shutil.which("qemu-x86_64")
    if emulator is None or platform.machine() != "x86_64":
        missing("needs qemu-user, and an interpreter for x86")
    (tmp_path / "cpuinfo").write_text("model name\t: emulated\nflags\t\t: fpu avx avx2\n")
    script = [sys.executable, "-c", _WITHOUT_VNNI, str(folder), str(tmp_path / "cpuinfo")]
    done = subprocess.run([emulator, "-cpu", processor, *script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("u8u8 ")
