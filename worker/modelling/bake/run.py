"""The whole of baking."""

import shutil
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError
from worker.engines.base import Engine
from worker.engines.facts import polarity_of
from worker.engines.manifest import MANIFEST, SCHEME_FP32, WEIGHTS_FOLDER, Manifest, file_digest
from worker.engines.proof import write_reference
from worker.engines.text.emoji import EMOJI_FILE
from worker.engines.text.handling import Handling
from worker.engines.text.preparation import check, prepare_by
from worker.modelling.bake.emoji import emoji_table
from worker.modelling.bake.encoder import EncoderFiles
from worker.modelling.bake.findings import Candidates, Compute, Examination, Findings
from worker.modelling.bake.order import Order, Report
from worker.modelling.bake.subject import Subject, prepare
from worker.modelling.bake.texts import reference_texts
from worker.modelling.hub import FILES, TOKENIZER

_TOOLS: Final = ("onnx", "onnxruntime", "tokenizers", "torch", "transformers")


def bake_model(order: Order, report: Report) -> Manifest:
    """Bake a trained model.

    Raises:
        ModelError: the source is out of reach or not what can be baked, or the result drifts from the pipeline.
    """
    check(order.preparation)
    report(f"source: {order.source}")
    subject = prepare(order)
    with tempfile.TemporaryDirectory(prefix="sentiment-bake-") as scratch:
        folder = Path(scratch, "model")  # with the usual permissions, unlike its parent
        folder.mkdir()
        candidates, scheme = _export(subject, order, folder, Path(scratch), report)
        examination = Examination(candidates, subject.threshold, report)
        findings = examination.run(reference_texts(), subject.data, subject.examples, calibrate=order.calibrate)
        write_reference(folder, findings.entries)
        if order.keep_weights:
            _keep_weights(subject.trained.folder, folder / WEIGHTS_FOLDER)
        manifest = _manifest(subject, order, findings, scheme, _digests(folder))
        (folder / MANIFEST).write_bytes(manifest.encode())
        _publish(folder, order.output)
    return manifest


def _export(subject: Subject, order: Order, folder: Path, scratch: Path, report: Report) -> tuple[Candidates, str]:
    """Write tokenizer and graphs, the one that is served into the folder; return what to compare, and the scheme."""
    report("building the graph")
    reference, trained = subject.reference, subject.trained
    form = trained.family.form(reference.config)
    if trained.family.names is None or form is None:
        raise ModelError(f"{order.source} is a {trained.family.model} of a form that cannot be baked")
    files = EncoderFiles(reference, trained.family.names, form)
    handling = Handling(subject.max_tokens, preparation=order.preparation)
    exact = folder if order.precision == "fp32" else scratch / "exact"
    exact.mkdir(exist_ok=True)
    for place in {folder, exact}:
        reference.save_tokenizer(place / TOKENIZER, subject.max_tokens)
        if "emoji-names" in order.preparation:
            (place / EMOJI_FILE).write_bytes(emoji_table())
    prepared = prepare_by(order.preparation, folder)
    pipeline: Compute = lambda text: reference.logits(prepared(text), subject.max_tokens)  # noqa: E731
    fp32 = _outputs_of(files.fp32(exact, handling))
    if order.precision == "fp32":
        return Candidates(pipeline, fp32, None), SCHEME_FP32
    report("quantising")
    return Candidates(pipeline, fp32, _outputs_of(files.int8(folder, handling))), files.scheme


def _outputs_of(engine: Engine) -> Compute:
    return lambda text: engine.classify([text])[0].logits or ()


def _manifest(subject: Subject, order: Order, findings: Findings, scheme: str, files: dict[str, str]) -> Manifest:
    return Manifest.model_validate(
        {
            "name": order.name,
            "description": order.description,
            "source": subject.trained.source,
            "architecture": subject.trained.architecture,
            "labels": subject.labels,
            "task": subject.task,
            "threshold": order.threshold,
            "temperature": findings.temperature,
            "polarity": polarity_of(subject.labels),
            "languages": order.languages,
            "max_tokens": subject.max_tokens,
            "bytes_per_token": subject.bytes_per_token,
            "preparation": order.preparation,
            "scheme": scheme,
            "built_at": int(time.time()),
            "files": files,
            "parity": findings.parity,
            "accuracy": findings.accuracy,
            "calibration": findings.calibration,
            "tools": {tool: version(tool) for tool in _TOOLS},
        }
    )


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
