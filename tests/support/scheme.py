"""Baked folders of both schemas with random weights, made without torch."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx

from shared.process.settings import Settings
from tests.support.encoder import logits
from tests.support.weights import random_weights
from worker.digests import file_digest
from worker.engines.facts import Source
from worker.engines.manifest import MANIFEST, SCHEME, WEIGHTS_FILE, Manifest, model_dir
from worker.engines.onnx import MODEL_FILE
from worker.engines.proof import REFERENCE_FILE, Entry, write_reference
from worker.engines.tensors import tensors
from worker.engines.text.activation import SOFTMAX, Activation
from worker.engines.text.tokenizer import TOKENIZER_FILE, TextTokenizer
from worker.engines.weights import Shape, Weights, write_weights
from worker.modelling.bake.graph import scheme_graph
from worker.modelling.bake.texts import reference_texts

TINY: Final = Shape(layers=2, width=32, hidden=64, heads=2, vocabulary=30_522, positions=512, labels=2)
_TEXTS: Final = slice(0, 200, 10)


def write_scheme_model(folder: Path, weights: Weights | None = None, **facts: Any) -> Path:
    """Make a folder of schema 2 with the committed model's tokenizer; its reference is that of plain NumPy.

    Args:
        folder: it is made.
        weights: of the model; tiny ones.
        facts: further members of the manifest.
    """
    weights = weights or random_weights(TINY)
    activation = Activation(independent=facts.get("task") == "multi-label")
    entries = [Entry(text, pipeline=given, scheme=given) for text, given in _begin(folder, weights, activation).items()]
    write_weights(folder / WEIGHTS_FILE, weights)
    onnx.save(scheme_graph(weights), str(folder / MODEL_FILE))
    write_reference(folder, entries)
    write_manifest(folder, scheme=SCHEME, **facts)
    return folder


def write_old_model(folder: Path) -> Path:
    """Make a folder of schema 1: the weights are in the graph's file, and only the pipeline's scores are kept."""
    weights = random_weights(TINY)
    rows = [{"text": text, "scores": given} for text, given in _begin(folder, weights).items()]
    graph, arrays = scheme_graph(weights), tensors(weights)
    for tensor in graph.graph.initializer:
        if tensor.name in arrays:
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(arrays[tensor.name]), tensor.name))
    onnx.save(graph, str(folder / MODEL_FILE))
    write_manifest(folder, schema_version=1, quantisation="dynamic int8, weights per channel")
    (folder / REFERENCE_FILE).write_text(json.dumps(rows))
    return folder


def write_manifest(folder: Path, **fields: Any) -> None:
    """Describe the files of a folder as they are."""
    manifest = Manifest(
        name=folder.name,
        source=Source(kind="folder", name=folder.name, revision="0"),
        built_at=1,
        files={path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST},
        **fields,
    )
    (folder / MANIFEST).write_bytes(manifest.encode())


def _begin(folder: Path, weights: Weights, activation: Activation = SOFTMAX) -> dict[str, tuple[float, ...]]:
    """Make a folder with a tokenizer, and compute the scores of some texts."""
    folder.mkdir(parents=True)
    shutil.copyfile(model_dir(Settings()) / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    text_of = TextTokenizer(folder)
    return {text: activation.scores(logits(weights, text_of.ids(text)).tolist()) for text in reference_texts()[_TEXTS]}
