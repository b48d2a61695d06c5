"""Baking, end to end, against the live transformers pipeline."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import onnxruntime as ort
import pytest
import torch
from safetensors.numpy import load_file, save_file

from shared.contract.errors import ModelError
from tests.support.encoder import scores
from tests.support.tiny import TOKENIZER, pipeline_scores, save_tiny, tiny_model
from worker.__main__ import main
from worker.engines.loading import load_engine
from worker.engines.manifest import SCHEME, load_manifest, verify
from worker.engines.proof import BOUND, compare, read_reference
from worker.engines.text.tokenizer import TextTokenizer
from worker.engines.weights import Form, read_weights
from worker.modelling.bake import encoder, run
from worker.modelling.bake.graph import plain_graph
from worker.modelling.bake.measures.parity import largest_difference
from worker.modelling.bake.parameters import parameters
from worker.modelling.bake.texts import reference_texts
from worker.modelling.bake.trained.families import DISTILBERT

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny") / "trained")


def bake(source: Path, output: Path, *options: str) -> int:
    return main(["bake", "--source", str(source), "--output", str(output), *options])


def test_a_baked_folder_serves_what_the_pipeline_says(trained: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "dev.tsv").write_text("label\tsentence\n" + "1\tgood enough\n0\tnot at all\n" * 20)
    baked = tmp_path / "baked"
    assert bake(trained, baked, "--name", "tiny", "--data", str(data), "--keep-weights") == 0

    manifest = load_manifest(baked)
    verify(baked, manifest)
    assert manifest.name == "tiny"
    assert manifest.parity is not None
    assert manifest.parity.fp32_max_difference < 1e-5
    assert manifest.accuracy is not None
    assert manifest.accuracy.texts == 40
    pipeline = pipeline_scores(trained)
    expected = [pipeline(text) for text in reference_texts()]
    assert len({round(scores[0], 3) for scores in expected}) > 20, "answers must vary, or parity shows nothing"
    entries = read_reference(baked)
    assert largest_difference([entry.pipeline for entry in entries], expected) < 1e-6
    for engine, tolerance in (("torch", 1e-6), ("onnx", 0.1)):
        records = load_engine(engine, baked, 1).classify(reference_texts())
        assert largest_difference([record.scores for record in records], expected) < tolerance
    compare(load_engine("onnx", baked, 1), entries, records)
    assert baked.stat().st_mode & 0o777 == (tmp_path / "data").stat().st_mode & 0o777


def test_the_weights_are_stored_once_and_the_reference_is_the_schemes(trained: Path, tmp_path: Path) -> None:
    assert bake(trained, tmp_path) == 0
    manifest = load_manifest(tmp_path)
    assert (manifest.schema_version, manifest.scheme) == (3, SCHEME)
    assert manifest.files.keys() == {"model.onnx", "reference.json", "tokenizer.json", "weights.bin"}
    assert (tmp_path / "model.onnx").stat().st_size < 20_000
    weights, text = read_weights(tmp_path / "weights.bin"), TextTokenizer(tmp_path)
    entries = [entry for entry in read_reference(tmp_path) if len(entry.text) < 200]
    written = [entry.scheme or () for entry in entries]
    assert largest_difference(written, [scores(weights, text.ids(entry.text)) for entry in entries]) < BOUND


def test_an_image_that_runs_as_another_user_may_read_the_files(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    assert bake(trained, tmp_path / "baked", "--precision", "fp32") == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "baked").iterdir()}
    assert "model.onnx.data" in modes
    assert {*modes.values()} == {(tmp_path / "usual").stat().st_mode & 0o777}


def test_weights_of_an_earlier_bake_do_not_stay(trained: Path, tmp_path: Path) -> None:
    assert bake(trained, tmp_path, "--keep-weights") == 0
    assert bake(trained, tmp_path) == 0
    assert not (tmp_path / "weights").exists()
    with pytest.raises(ModelError, match="bake with --keep-weights"):
        load_engine("torch", tmp_path, 1)


def test_an_older_model_with_a_bare_vocabulary(trained: Path, tmp_path: Path) -> None:
    vocabulary = json.loads(TOKENIZER.read_text())["model"]["vocab"]
    older = tmp_path / "older"
    older.mkdir()
    for name in ("config.json", "model.safetensors"):
        (older / name).write_bytes((trained / name).read_bytes())
    (older / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)) + "\n")
    (older / "tokenizer_config.json").write_text('{"do_lower_case": true, "model_max_length": 512}')
    assert bake(trained, tmp_path / "one") == 0
    assert bake(older, tmp_path / "other") == 0
    one, other = (load_engine("onnx", tmp_path / name, 1) for name in ("one", "other"))
    assert one.classify(reference_texts()) == other.classify(reference_texts())


def test_a_graph_that_drifts_is_refused(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def drifting(named: Any, *rest: Any) -> Any:
        return plain_graph({**named, "classifier.bias": named["classifier.bias"] * 1.01}, *rest)

    monkeypatch.setattr(encoder, "plain_graph", drifting)
    assert bake(trained, tmp_path / "baked") == 2
    assert "error: the fp32 graph drifts from the transformers pipeline by" in capsys.readouterr().err
    assert not (tmp_path / "baked").exists()


def test_an_engine_that_gives_other_int8_scores_is_one_sentence_with_the_way_out(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refusing(*_: object) -> NoReturn:
        raise ModelError("the engine 'native' must not serve on this processor")

    monkeypatch.setattr(run, "measure", refusing)
    assert bake(trained, tmp_path / "baked") == 2
    said = "error: the engine 'native' must not serve on this processor"
    assert f"{said}; --precision fp32 bakes it without int8\n" in capsys.readouterr().err
    assert bake(trained, tmp_path / "baked", "--precision", "fp32") == 2
    assert f"{said}\n" in capsys.readouterr().err
    assert not (tmp_path / "baked").exists()


def drop_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["distilbert.transformer.layer.1.ffn.lin1.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def reshape_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] = np.zeros(3, dtype=np.float32)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def spoil_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"junk")


def spoil_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop_weight, r"lack distilbert\.transformer\.layer\.1\.ffn\.lin1\.weight"),
        (reshape_weight, "transformers cannot load"),
        (spoil_weights, "transformers cannot load"),
        (spoil_tokenizer, "transformers cannot load"),
    ],
)
def test_a_damaged_model_is_one_clear_sentence(
    damage: Callable[[Path], None], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = save_tiny(tmp_path / "trained")
    damage(source)
    assert bake(source, tmp_path / "baked") == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert re.search(message, line), line
    assert not (tmp_path / "baked").exists()


@pytest.mark.parametrize("layers", [1, 3])
def test_the_graph_alone_equals_the_model(layers: int) -> None:
    model = tiny_model(seed=layers, n_layers=layers, dim=48, n_heads=3)
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    ids = np.random.default_rng(0).integers(0, 30_000, (1, 37)).astype(np.int32)
    with torch.no_grad():
        expected = model(torch.tensor(ids, dtype=torch.long)).logits.numpy()
    form = DISTILBERT.form(model.config)
    assert DISTILBERT.names is not None
    assert form == Form(layers, 3)
    graph = plain_graph(parameters(state, DISTILBERT.names, form), form)
    session = ort.InferenceSession(graph.SerializeToString())
    assert np.abs(session.run(None, {"input_ids": ids})[0] - expected).max() < 1e-5
