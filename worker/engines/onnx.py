"""The default engine: ONNX Runtime on the CPU, with a tokenizer that needs no transformers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import TextScores, reason
from worker.engines.manifest import load_manifest

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
UNKNOWN_TOKEN = "[UNK]"  # noqa: S105 - a token of a vocabulary
"""Stands for each word that WordPiece cannot write with its vocabulary."""


class OnnxEngine:
    """Runs the baked graph on one text at a time, without padding.

    Args:
        model_dir: folder of the baked model.
        threads: threads of one forward pass.
        model_file: the graph's file in that folder.
        max_tokens: longer texts are truncated to this many, [CLS] and [SEP] included.

    Raises:
        ModelError: the files are missing or cannot be loaded.
    """

    name = "onnx"

    def __init__(
        self, model_dir: Path, threads: int, *, model_file: str = MODEL_FILE, max_tokens: int = MAX_TOKENS
    ) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(model_dir / TOKENIZER_FILE))
            self._session = ort.InferenceSession(
                str(model_dir / model_file),
                _options(threads),
                providers=["CPUExecutionProvider"],
                # Its CPU kernel takes seven times as long as the Add and LayerNormalization that it replaces.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:
            raise ModelError(f"the model in {model_dir} cannot be loaded: {reason(error)}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        unknown = self._tokenizer.token_to_id(UNKNOWN_TOKEN)
        self._unknown = -1 if unknown is None else unknown

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order; each text is a forward pass of its own."""
        return [self._classify(text) for text in texts]

    def _classify(self, text: str) -> TextScores:
        """Tokenize, run one forward pass, apply softmax."""
        ids = self._tokenizer.encode(text).ids
        logits = self._session.run(["logits"], {"input_ids": np.array([ids], dtype=np.int32)})[0][0].astype(np.float64)
        exponents = np.exp(logits - logits.max())
        return TextScores(tuple((exponents / exponents.sum()).tolist()), len(ids), ids.count(self._unknown))

    def token_ids(self, text: str) -> NDArray[np.int32]:
        """Return the graph's input for a text, [1, tokens]."""
        return np.array([self._tokenizer.encode(text).ids], dtype=np.int32)


def load(model_dir: Path, threads: int) -> OnnxEngine:
    """Load a baked model as its manifest says; `worker.engines.manifest.verify` has checked the files.

    Raises:
        ModelError: the manifest or a file cannot be read, or a file is not in the manifest, so nobody has checked it.
    """
    manifest = load_manifest(model_dir)
    if missing := {MODEL_FILE, TOKENIZER_FILE} - manifest.files.keys():
        raise ModelError(f"the manifest in {model_dir} does not list {' and '.join(sorted(missing))}")
    return OnnxEngine(model_dir, threads, max_tokens=manifest.max_tokens)


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # Processes share the cores: a thread that spins while it waits takes a core from its neighbour.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
