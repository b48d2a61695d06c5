"""The reference engine: torch and transformers, on the weights that a model was baked from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.contract.errors import ModelError
from worker.engines.base import TextScores, reason
from worker.engines.manifest import WEIGHTS_FOLDER, load_manifest
from worker.engines.text.ends import Ends

WEIGHTS_FILE = "model.safetensors"


class TorchEngine:
    """Runs the transformers pipeline in fp32; slow, and right by definition.

    Args:
        model_dir: a baked folder that has kept its weights.
        threads: threads of one forward pass.

    Raises:
        ModelError: there are no weights, or transformers is not installed.
    """

    name = "torch"
    variant = "fp32"

    def __init__(self, model_dir: Path, threads: int) -> None:
        try:
            import torch  # noqa: PLC0415
            from transformers import pipeline  # noqa: PLC0415
        except ImportError as error:
            raise ModelError("the torch engine needs the train extra: pip install '.[worker,train]'") from error
        folder = _weights_folder(model_dir)
        handling = load_manifest(model_dir).handling
        self._ends = Ends(model_dir, handling)
        self._longest = handling.max_tokens
        torch.set_num_threads(threads)
        try:
            self._pipeline = pipeline("text-classification", model=str(folder), device="cpu", top_k=None)
        except Exception as error:
            raise ModelError(f"the weights in {folder} cannot be loaded: {reason(error)}") from error
        number_outputs(self._pipeline)

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order; each goes through the pipeline alone."""
        return [self._classify(text) for text in texts]

    def _classify(self, text: str) -> TextScores:
        """Classify through the pipeline, truncated as it truncates."""
        (entries,) = self._pipeline(
            [self._ends.prepare(text)], truncation=True, max_length=self._longest, function_to_apply="none"
        )
        return self._ends.record(self._ends.read(text), in_order(entries))


def number_outputs(pipeline: Any) -> None:
    """Let a transformers pipeline number its labels, whose names may repeat where the manifest has its own."""
    config = pipeline.model.config
    config.id2label = {index: str(index) for index in range(config.num_labels)}


def in_order(entries: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    """Return the values that a pipeline with numbered labels gave one text, in the order of the model's outputs."""
    return tuple(float(entry["score"]) for entry in sorted(entries, key=lambda entry: int(entry["label"])))


def _weights_folder(model_dir: Path) -> Path:
    """Return the folder of the fp32 weights, which the manifest must list."""
    if f"{WEIGHTS_FOLDER}/{WEIGHTS_FILE}" not in load_manifest(model_dir).files:
        raise ModelError(f"no fp32 weights in {model_dir}: bake with --keep-weights, or use the onnx engine")
    return model_dir / WEIGHTS_FOLDER
