"""The yardstick of a model as a folder that our engines and transformers' tools load."""

from pathlib import Path
from typing import Final

from load.bench.limits.yardstick import write_yardstick
from load.bench.models.folder import write_manifest
from load.bench.models.fp32 import save_description
from worker.engines.manifest import MANIFEST, WEIGHTS_FILE, load_manifest
from worker.engines.onnx import MODEL_FILE
from worker.engines.text.tokenizer import TOKENIZER_FILE
from worker.engines.weights import read_weights
from worker.modelling.hub import CONFIG

MADE: Final = Path("build/yardsticks")


def yardstick_folder(model_dir: Path, made: Path = MADE) -> Path:
    """Return a folder of schema 1 with the yardstick of a model; a model of schema 1 is its own.

    Args:
        model_dir: a baked model.
        made: folder of those that were made from models of schema 2, each in a folder named by the model's version.

    Raises:
        ModelError: there is no such model.
    """
    manifest = load_manifest(model_dir)
    if manifest.schema_version == 1:
        return model_dir
    folder = made / manifest.version
    if not all((folder / name).is_file() for name in (CONFIG, MANIFEST)):
        folder.mkdir(parents=True, exist_ok=True)
        weights = read_weights(model_dir / WEIGHTS_FILE)
        save_description(folder, weights, manifest.labels, model_dir / TOKENIZER_FILE)
        write_yardstick(weights, folder / MODEL_FILE)
        write_manifest(folder, manifest.source, schema_version=1, labels=manifest.labels)
    return folder
