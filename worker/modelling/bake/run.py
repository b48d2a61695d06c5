"""The whole of baking."""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import onnx

from shared.contract.errors import ModelError
from worker.engines.base import Engine
from worker.engines.facts import Accuracy, Parity
from worker.engines.manifest import (
    MANIFEST,
    SCHEME,
    WEIGHTS_FILE,
    WEIGHTS_FOLDER,
    Manifest,
    file_digest,
)
from worker.engines.onnx import MODEL_FILE, OnnxEngine
from worker.engines.proof import Entry, Scores, write_reference
from worker.engines.tensors import tensors
from worker.engines.weights import read_weights, write_weights
from worker.modelling.bake.graph import plain_graph, scheme_graph
from worker.modelling.bake.parameters import parameters, quantise
from worker.modelling.bake.parity import Classify, check_accuracy, check_parity, pipeline_classifier
from worker.modelling.bake.source import Trained, load_weights, resolve, save_tokenizer
from worker.modelling.bake.texts import reference_texts
from worker.modelling.hub import FILES, TOKENIZER
from worker.modelling.train.data import read_tsv

_EXACT: Final = "fp32.onnx"
_TOOLS: Final = ("onnx", "onnxruntime", "tokenizers", "torch", "transformers")
_REPORT_TEXTS: Final = 200

Report = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """The options of a bake.

    Args:
        source: ``owner/name@revision``, or a folder.
        output: where the baked model goes; its model files are replaced only when all has gone well.
        name: what to call it.
        data: folder with ``dev.tsv`` to measure accuracy on.
        expected_digest: SHA-256 that the weights must have.
        keep_weights: keep the fp32 weights too, for the torch engine.
    """

    source: str
    output: Path
    name: str
    data: Path | None = None
    expected_digest: str | None = None
    keep_weights: bool = False


def bake_model(order: Order, report: Report) -> Manifest:
    """Bake a trained model.

    Raises:
        ModelError: the source is out of reach or not what can be baked, or the result drifts from the pipeline.
    """
    report(f"source: {order.source}")
    trained = resolve(order.source, order.expected_digest)
    reference = pipeline_classifier(trained.folder)
    with tempfile.TemporaryDirectory(prefix="sentiment-bake-") as scratch:
        folder = Path(scratch, "model")  # with the usual permissions, unlike its parent
        folder.mkdir()
        _export(trained, folder, report)
        parity, accuracy = _prove(reference, folder, order.data, report)
        (folder / _EXACT).unlink()
        if order.keep_weights:
            _keep_weights(trained.folder, folder / WEIGHTS_FOLDER)
        manifest = Manifest(
            name=order.name,
            source=trained.source,
            labels=trained.labels,
            scheme=SCHEME,
            built_at=int(time.time()),
            files=_digests(folder),
            parity=parity,
            accuracy=accuracy,
            tools={tool: version(tool) for tool in _TOOLS},
        )
        (folder / MANIFEST).write_bytes(manifest.encode())
        _publish(folder, order.output)
    return manifest


def _export(trained: Trained, folder: Path, report: Report) -> None:
    """Write tokenizer, fp32 graph, quantised weights, and the graph that reads them."""
    report("building the graph")
    save_tokenizer(trained.folder, folder / TOKENIZER)
    try:
        named = parameters(load_weights(trained.folder), trained.layers)
    except KeyError as error:
        raise ModelError(f"the weights of {trained.source.name} lack {error.args[0]}") from None
    onnx.save(plain_graph(named, trained.layers, trained.heads), str(folder / _EXACT))
    report("quantising")
    weights = quantise(named, trained.layers, trained.heads)
    write_weights(folder / WEIGHTS_FILE, weights)
    onnx.save(scheme_graph(weights), str(folder / MODEL_FILE))


def _prove(reference: Classify, folder: Path, data: Path | None, report: Report) -> tuple[Parity, Accuracy | None]:
    """Hold both graphs against the transformers pipeline, and write the scores of pipeline and scheme down."""
    exact = _scores_of(OnnxEngine(folder, 1, model_file=_EXACT))
    baked = _scores_of(OnnxEngine(folder, 1, weights=tensors(read_weights(folder / WEIGHTS_FILE))))
    examples = [] if data is None else read_tsv(data / "dev.tsv")
    texts = reference_texts()
    expected = _classify(reference, texts, "built-in texts, transformers pipeline", report)
    int8 = _classify(baked, texts, "built-in texts, int8 graph", report)
    parity = check_parity(expected, _classify(exact, texts, "built-in texts, fp32 graph", report), int8)
    rows = zip(texts, expected, int8, strict=True)
    write_reference(folder, [Entry(text, pipeline=pipeline, scheme=scheme) for text, pipeline, scheme in rows])
    if data is None:
        return parity, None
    labelled = [example.text for example in examples]
    accuracy = check_accuracy(
        f"{data.name} dev",
        [example.label for example in examples],
        _classify(reference, labelled, "dev, transformers pipeline", report),
        _classify(baked, labelled, "dev, int8 graph", report),
    )
    return parity, accuracy


def _scores_of(engine: Engine) -> Classify:
    return lambda text: engine.classify([text])[0].scores


def _classify(classify: Classify, texts: Sequence[str], what: str, report: Report) -> list[Scores]:
    scores = []
    for count, text in enumerate(texts, start=1):
        scores.append(classify(text))
        if count % _REPORT_TEXTS == 0 or count == len(texts):
            report(f"{what}: {count}/{len(texts)}")
    return scores


def _publish(folder: Path, output: Path) -> None:
    """Put the files in place; weights that an earlier bake kept would be another model's."""
    try:
        if (output / WEIGHTS_FOLDER).is_dir():
            shutil.rmtree(output / WEIGHTS_FOLDER)
        shutil.copytree(folder, output, dirs_exist_ok=True)
    except OSError as error:
        raise ModelError(f"the model cannot be written to {output}: {error}") from None


def _keep_weights(source: Path, target: Path) -> None:
    target.mkdir()
    for name in FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of every file that serving reads."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): file_digest(path) for path in files}
