"""The default engine: ONNX Runtime on the CPU, with a tokenizer that needs no transformers."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import reason
from worker.engines.manifest import load_manifest

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"


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

    def scores(self, text: str) -> tuple[float, ...]:
        """Tokenize, run one forward pass, apply softmax."""
        logits = self._session.run(["logits"], {"input_ids": self.token_ids(text)})[0][0].astype(np.float64)
        exponents = np.exp(logits - logits.max())
        return tuple((exponents / exponents.sum()).tolist())

    def token_ids(self, text: str) -> NDArray[np.int32]:
        """Return what the graph reads, [1, tokens]."""
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
