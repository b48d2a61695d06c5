"""ONNX Runtime on the CPU: runs everywhere, and every model that was ever baked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import TextScores, reason
from worker.engines.manifest import WEIGHTS_FILE, load_manifest
from worker.engines.processor import saturates
from worker.engines.tensors import Tensors, tensors
from worker.engines.weights import read_weights
from worker.engines.wordpiece import TOKENIZER_FILE, WordPiece

MODEL_FILE: Final = "model.onnx"


class OnnxEngine:
    """Runs a graph on one text at a time, without padding.

    Args:
        model_dir: folder of the baked model.
        threads: threads of one forward pass.
        model_file: the graph's file in that folder.
        max_tokens: longer texts are truncated to this many, [CLS] and [SEP] included.
        weights: the graph's initialisers, where they are not in its file.

    Raises:
        ModelError: the files are missing or cannot be loaded.
    """

    name = "onnx"

    def __init__(
        self,
        model_dir: Path,
        threads: int,
        *,
        model_file: str = MODEL_FILE,
        max_tokens: int = MAX_TOKENS,
        weights: Tensors | None = None,
    ) -> None:
        self._text = WordPiece(model_dir, max_tokens)
        self._weights = weights  # the session reads these arrays in place for as long as it lives
        precise = weights is not None and saturates()
        self.variant = "in-graph" if weights is None else "u8u8" if precise else "u8s8"
        """The kind of integer product: u8u8 takes longer, and is exact where u8s8 would saturate."""
        try:
            self._session = ort.InferenceSession(
                str(model_dir / model_file),
                _options(threads, weights or {}, precise=precise),
                providers=["CPUExecutionProvider"],
                # Its CPU kernel takes seven times as long as the Add and LayerNormalization that it replaces.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:
            raise ModelError(f"the model in {model_dir} cannot be loaded: {reason(error)}") from error

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order; each text is a forward pass of its own."""
        read = [self._text.read(text) for text in texts]
        rows = self.logits([tokens.ids for tokens in read])
        return [self._text.record(tokens, row) for tokens, row in zip(read, rows, strict=True)]

    def logits(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Compute one row of logits for each text from its token ids."""
        return [self._pass(ids) for ids in texts]

    def _pass(self, ids: Sequence[int]) -> list[float]:
        (rows,) = self._session.run(["logits"], {"input_ids": np.array([ids], dtype=np.int32)})
        row: list[float] = rows[0].tolist()
        return row


def load(model_dir: Path, threads: int) -> OnnxEngine:
    """Load a baked model as its manifest says; `worker.engines.manifest.verify` has checked the files.

    Raises:
        ModelError: the manifest or a file cannot be read, or a file is not in the manifest, so nobody has checked it.
    """
    manifest = load_manifest(model_dir)
    apart = manifest.scheme is not None
    needed = {MODEL_FILE, TOKENIZER_FILE, WEIGHTS_FILE} if apart else {MODEL_FILE, TOKENIZER_FILE}
    if missing := needed - manifest.files.keys():
        raise ModelError(f"the manifest in {model_dir} does not list {' and '.join(sorted(missing))}")
    weights = tensors(read_weights(model_dir / WEIGHTS_FILE)) if apart else None
    return OnnxEngine(model_dir, threads, max_tokens=manifest.max_tokens, weights=weights)


def _options(threads: int, weights: Tensors, *, precise: bool) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # Processes share the cores: a thread that spins while it waits takes a core from its neighbour.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if precise:
        # The runtime would do the same to processors with VNNI, which need it not: a pass takes 2.5 times as long.
        options.add_session_config_entry("session.x64quantprecision", "1")
    values: list[Any] = [ort.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    options.log_severity_level = 3
    return options
