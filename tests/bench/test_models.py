import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from load.bench.models.folder import write_model
from load.bench.models.fp32 import fp32_folder, state
from load.bench.models.shapes import random_weights
from shared.process.settings import Settings
from tests.support.encoder import logits
from tests.support.scheme import TINY, write_scheme_model
from worker.engines.manifest import load_manifest, verify
from worker.engines.onnx import _options
from worker.engines.self_test import check
from worker.engines.weights import Float, Shape, Weights
from worker.modelling.bake.graph import plain_graph
from worker.modelling.bake.parameters import parameters
from worker.modelling.bake.trained.families import DISTILBERT

SMALL = Shape(layers=2, width=32, hidden=64, heads=2, vocabulary=100, positions=64, labels=2)
LENGTHS = range(1, SMALL.positions + 1, 9)


def run(graph: str | bytes, ids: NDArray[np.int32]) -> Float:
    """Return the outputs of a graph for one text."""
    session = ort.InferenceSession(graph, _options(1, {}, precise=False))
    outputs: Float = session.run(None, {"input_ids": ids[None]})[0][0]
    return outputs


def exact(weights: Weights) -> bytes:
    """Return the fp32 graph of the bake."""
    assert DISTILBERT.names is not None
    named = parameters(state(weights), DISTILBERT.names, weights.form)
    content: bytes = plain_graph(named, weights.form).SerializeToString()
    return content


def text(length: int) -> NDArray[np.int32]:
    return np.random.default_rng(length).integers(0, SMALL.vocabulary, length).astype(np.int32)


def test_a_seed_gives_the_same_weights() -> None:
    one, again, other = (random_weights(SMALL, seed) for seed in (0, 0, 1))
    assert one.layers[1].expand.weights.tobytes() == again.layers[1].expand.weights.tobytes()
    assert one.layers[1].expand.weights.tobytes() != other.layers[1].expand.weights.tobytes()


def test_fp32_weights_have_the_names_of_transformers() -> None:
    weights = random_weights(SMALL)
    graph = exact(weights)
    for ids in map(text, LENGTHS):
        # Apart by the rounding of activations to eight bits.
        assert run(graph, ids) == pytest.approx(logits(weights, ids.tolist()), abs=0.01)


def test_a_folder_proves_itself_and_replaces_an_older_one(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    for seed in (0, 1):
        manifest = write_model(folder, random_weights(TINY, seed), f"seed {seed}")
    assert load_manifest(folder).version == manifest.version
    assert manifest.name == "seed 1"
    verify(folder, manifest)
    assert check(Settings(model_dir=folder)) == 0
    assert json.loads((folder / "weights" / "config.json").read_text())["dim"] == TINY.width


def test_fp32_weights_are_those_of_the_bake_or_made_once(tmp_path: Path) -> None:
    kept, made = tmp_path / "kept", tmp_path / "made"
    write_model(kept, random_weights(TINY), "kept")
    assert fp32_folder(kept, made) == kept / "weights"
    model = write_scheme_model(tmp_path / "model")
    folder = fp32_folder(model, made)
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert fp32_folder(model, made) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    assert json.loads((folder / "config.json").read_text())["vocab_size"] == TINY.vocabulary
