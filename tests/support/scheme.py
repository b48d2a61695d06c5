"""Baked folders with random weights, made without torch."""

import shutil
from pathlib import Path
from typing import Final

import onnx

from shared.process.settings import Settings
from tests.support.encoder import scores
from tests.support.weights import random_weights
from worker.engines.manifest import MANIFEST, SCHEME, Manifest, Source, file_digest, model_dir
from worker.engines.onnx import MODEL_FILE
from worker.engines.proof import Entry, write_reference
from worker.engines.weights import WEIGHTS_FILE, Shape, Weights, write_weights
from worker.engines.wordpiece import TOKENIZER_FILE, WordPiece
from worker.modelling.bake.graph import scheme_graph
from worker.modelling.bake.texts import reference_texts

TINY: Final = Shape(layers=2, width=32, hidden=64, heads=2, vocabulary=30_522, positions=512, labels=2)
_TEXTS: Final = slice(0, 200, 10)


def write_scheme_model(folder: Path, weights: Weights | None = None, built_at: int = 1) -> Path:
    """Make a folder of schema 2 with the committed model's tokenizer; its reference is that of plain NumPy."""
    weights = weights or random_weights(TINY)
    folder.mkdir(parents=True)
    shutil.copyfile(model_dir(Settings()) / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    write_weights(folder / WEIGHTS_FILE, weights)
    onnx.save(scheme_graph(weights), str(folder / MODEL_FILE))
    text_of = WordPiece(folder)
    expected = {text: scores(weights, text_of.ids(text)) for text in reference_texts()[_TEXTS]}
    write_reference(folder, [Entry(text, pipeline=given, scheme=given) for text, given in expected.items()])
    write_manifest(folder, built_at)
    return folder


def write_manifest(folder: Path, built_at: int = 1) -> None:
    """Describe the files of a folder as they are."""
    manifest = Manifest(
        name=folder.name,
        source=Source(kind="folder", name=folder.name, revision="0"),
        scheme=SCHEME,
        built_at=built_at,
        files={path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST},
    )
    (folder / MANIFEST).write_bytes(manifest.encode())
