"""The reference engine: torch and transformers, on the weights that a model was baked from."""

from pathlib import Path

from shared.contract.errors import ModelError
from shared.contract.names import LABELS, MAX_TOKENS
from worker.engines.base import reason
from worker.engines.manifest import MANIFEST, WEIGHTS_FOLDER, load_manifest

WEIGHTS_FILE = "model.safetensors"


class TorchEngine:
    """Runs the transformers pipeline in fp32; slow, and right by definition.

    Args:
        model_dir: a baked folder that has kept its weights, or a folder that transformers saved.
        threads: threads of one forward pass.

    Raises:
        ModelError: there are no weights, or transformers is not installed.
    """

    name = "torch"

    def __init__(self, model_dir: Path, threads: int) -> None:
        try:
            import torch  # noqa: PLC0415
            from transformers import pipeline  # noqa: PLC0415
        except ImportError as error:
            raise ModelError("the torch engine needs the train extra: pip install '.[worker,train]'") from error
        folder = _weights_folder(model_dir)
        torch.set_num_threads(threads)
        try:
            self._pipeline = pipeline("text-classification", model=str(folder), device="cpu", top_k=None)
        except Exception as error:
            raise ModelError(f"the weights in {folder} cannot be loaded: {reason(error)}") from error

    def scores(self, text: str) -> tuple[float, ...]:
        """Classify through the pipeline, truncated as it truncates."""
        (entries,) = self._pipeline([text], truncation=True, max_length=MAX_TOKENS)
        by_label = {entry["label"].upper(): float(entry["score"]) for entry in entries}
        return tuple(by_label[label] for label in LABELS)


def _weights_folder(model_dir: Path) -> Path:
    """Find the fp32 weights; in a baked folder only those that its manifest vouches for."""
    if not (model_dir / MANIFEST).exists():
        folder, found = model_dir, (model_dir / WEIGHTS_FILE).is_file()
    else:
        folder = model_dir / WEIGHTS_FOLDER
        found = f"{WEIGHTS_FOLDER}/{WEIGHTS_FILE}" in load_manifest(model_dir).files
    if not found:
        raise ModelError(f"no fp32 weights in {model_dir}: bake with --keep-weights, or use the onnx engine")
    return folder
