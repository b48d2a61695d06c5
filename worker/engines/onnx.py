"""ONNX Runtime on the CPU: runs everywhere, and every model that was ever baked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort

from shared.contract.errors import ModelError
from worker.engines.base import TextScores, reason
from worker.engines.manifest import SCHEME, SCHEME_EXPORTED, SCHEME_FP32, WEIGHTS_FILE, load_manifest
from worker.engines.processor import saturates
from worker.engines.tensors import Tensors, tensors
from worker.engines.text.ends import Ends
from worker.engines.text.handling import USUAL, Handling
from worker.engines.text.tokenizer import TOKENIZER_FILE
from worker.engines.weights import read_weights

MODEL_FILE: Final = "model.onnx"
_PRODUCTS: Final = {False: "u8s8", True: "u8u8"}
"""The kind of integer product: u8u8 takes longer, and is exact where u8s8 would saturate."""


class OnnxEngine:
    """Runs a graph on one text at a time, without padding.

    Args:
        model_dir: folder of the baked model.
        threads: threads of one forward pass.
        model_file: the graph's file in that folder.
        handling: how texts are read, and outputs become scores.
        weights: the graph's initialisers, where they are not in its file.
        scheme: the numeric scheme of a graph that has its weights in its file; None for a bake of schema 1.

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
        handling: Handling = USUAL,
        weights: Tensors | None = None,
        scheme: str | None = None,
    ) -> None:
        self._ends = Ends(model_dir, handling)
        self._weights = weights  # the session reads these arrays in place for as long as it lives
        scheme = SCHEME if weights else scheme
        precise = scheme in {SCHEME, SCHEME_EXPORTED} and saturates()
        self.variant = "in-graph" if scheme is None else "fp32" if scheme == SCHEME_FP32 else _PRODUCTS[precise]
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
        read = [self._ends.read(text) for text in texts]
        rows = self.logits([tokens.ids for tokens in read])
        return [self._ends.record(tokens, row) for tokens, row in zip(read, rows, strict=True)]

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
    apart = manifest.scheme == SCHEME
    needed = {MODEL_FILE, TOKENIZER_FILE, WEIGHTS_FILE} if apart else {MODEL_FILE, TOKENIZER_FILE}
    if missing := needed - manifest.files.keys():
        raise ModelError(f"the manifest in {model_dir} does not list {' and '.join(sorted(missing))}")
    weights = tensors(read_weights(model_dir / WEIGHTS_FILE)) if apart else None
    return OnnxEngine(
        model_dir,
        threads,
        handling=manifest.handling,
        weights=weights,
        scheme=manifest.scheme,
    )


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
