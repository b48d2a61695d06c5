"""Baked folders of random weights, made without torch."""

import shutil
import time
from pathlib import Path

import onnx

from load.bench.models.fp32 import save_fp32
from shared.broker.fleet import DEFAULT_LABELS
from shared.process.settings import Settings
from worker.digests import file_digest
from worker.engines.facts import Source
from worker.engines.manifest import (
    MANIFEST,
    SCHEME,
    WEIGHTS_FILE,
    WEIGHTS_FOLDER,
    Manifest,
    model_dir,
)
from worker.engines.onnx import MODEL_FILE, OnnxEngine
from worker.engines.proof import Entry, write_reference
from worker.engines.tensors import tensors
from worker.engines.text.tokenizer import TOKENIZER_FILE
from worker.engines.weights import Weights, write_weights
from worker.modelling.bake.graph import scheme_graph
from worker.modelling.bake.texts import reference_texts


def write_model(folder: Path, weights: Weights, name: str) -> Manifest:
    """Write a folder as a bake leaves it with ``--keep-weights``; an older one of this name goes.

    No pipeline is behind random weights, so the scores of the scheme stand for its scores too.
    """
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = model_dir(Settings()) / TOKENIZER_FILE
    save_fp32(folder / WEIGHTS_FOLDER, weights, DEFAULT_LABELS, tokenizer)
    shutil.copyfile(tokenizer, folder / TOKENIZER_FILE)
    write_weights(folder / WEIGHTS_FILE, weights)
    onnx.save(scheme_graph(weights), str(folder / MODEL_FILE))
    texts = reference_texts()
    records = OnnxEngine(folder, 1, weights=tensors(weights)).classify(texts)
    write_reference(
        folder, [Entry(text, given.scores, given.scores) for text, given in zip(texts, records, strict=True)]
    )
    return write_manifest(folder, Source(kind="folder", name=name, revision="0"), scheme=SCHEME)


def write_manifest(folder: Path, source: Source, **fields: object) -> Manifest:
    """Describe the files of a folder as they are."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    described = {
        "name": source.name,
        "source": source,
        "built_at": int(time.time()),
        "files": {str(path.relative_to(folder)): file_digest(path) for path in files},
    }
    manifest = Manifest.model_validate(described | fields)
    (folder / MANIFEST).write_bytes(manifest.encode())
    return manifest
