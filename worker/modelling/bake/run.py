"""The whole of baking."""

import shutil
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError
from worker.digests import file_digest
from worker.engines.facts import polarity_of
from worker.engines.manifest import MANIFEST, SCHEME_FP32, WEIGHTS_FOLDER, Manifest, load_manifest
from worker.engines.proof import write_reference
from worker.engines.text.preparation import check
from worker.modelling.bake.export import export
from worker.modelling.bake.measures.findings import Examination, Findings
from worker.modelling.bake.measures.parity import OTHERWISE
from worker.modelling.bake.measures.speed import attention_tokens, measure, told
from worker.modelling.bake.order import Order, Report
from worker.modelling.bake.texts import reference_texts
from worker.modelling.bake.trained.subject import Subject, prepare
from worker.modelling.hub import FILES

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
        candidates, scheme = export(subject, order, folder, Path(scratch), report)
        examination = Examination(candidates, subject.threshold, report)
        findings = examination.run(reference_texts(), subject.data, subject.examples, calibrate=order.calibrate)
        write_reference(folder, findings.entries)
        if order.keep_weights:
            _keep_weights(subject.trained.folder, folder / WEIGHTS_FOLDER)
        manifest = _manifest(subject, order, findings, scheme, _digests(folder))
        (folder / MANIFEST).write_bytes(manifest.encode())
        report("measuring the time of a text")
        try:
            engine, passes = measure(folder, subject.max_tokens)
        except ModelError as error:
            # Steep outputs amplify the rounding of activations, in which the engines differ.
            raise ModelError(str(error) if scheme == SCHEME_FP32 else f"{error}; {OTHERWISE}") from None
        for line in told(engine, passes):
            report(line)
        manifest = manifest.model_copy(update={"attention_tokens": attention_tokens(passes)})
        (folder / MANIFEST).write_bytes(manifest.encode())
        _publish(folder, order.output)
    return manifest


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
            "preparation": order.preparation,
            "bytes_per_token": subject.bytes_per_token,
            "ideograph_tokens": subject.ideograph_tokens,
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
    """Put the files in place; files of an earlier bake that this one does not have would be another model's."""
    try:
        for name in _files_of(output):
            (output / name).unlink(missing_ok=True)
        if (output / WEIGHTS_FOLDER).is_dir():
            shutil.rmtree(output / WEIGHTS_FOLDER)
        # With the usual permissions: onnx lets only the owner read its weights, and an image runs as another user.
        shutil.copytree(folder, output, copy_function=shutil.copyfile, dirs_exist_ok=True)
    except OSError as error:
        raise ModelError(f"the model cannot be written to {output}: {error}") from None


def _files_of(output: Path) -> list[str]:
    """Return the names of the files that a bake left in a folder, those of its own folders excepted."""
    try:
        return [name for name in load_manifest(output).files if "/" not in name]
    except ModelError:
        return []


def _keep_weights(source: Path, target: Path) -> None:
    target.mkdir()
    for name in FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of every file that serving reads."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): file_digest(path) for path in files}
