"""The native engine: tokens to logits in C, on one thread, several texts in a pass where they are short."""

import math
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import TextScores, reason
from worker.engines.manifest import load_manifest
from worker.engines.native.library import REFERENCE_VARIANT, Arena, Model, variants

_TOKENIZER_FILE: Final = "tokenizer.json"
_WEIGHTS_FILE: Final = "weights.bin"
_UNKNOWN_TOKEN: Final = "[UNK]"  # noqa: S105 - a token of a vocabulary


class NativeEngine:
    """Runs the baked weights by the library's code.

    Args:
        model_dir: folder of the baked model.
        variant: one of `worker.engines.native.library.variants`.
        max_tokens: longer texts are truncated to this many, [CLS] and [SEP] included.

    Raises:
        ModelError: the files are missing or cannot be loaded, or the variant cannot run them here.
    """

    name = "native"

    def __init__(self, model_dir: Path, variant: str, *, max_tokens: int = MAX_TOKENS) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(model_dir / _TOKENIZER_FILE))
        except Exception as error:
            raise ModelError(f"the tokenizer in {model_dir} cannot be loaded: {reason(error)}") from error
        self._model = Model(model_dir / _WEIGHTS_FILE, variant)
        self._tokens = min(max_tokens, self._model.positions)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._tokens)
        unknown = self._tokenizer.token_to_id(_UNKNOWN_TOKEN)
        self._unknown = -1 if unknown is None else unknown
        self._of_thread = threading.local()
        self.variant = variant

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order; short texts share a pass, which changes no bit of an answer."""
        ids = [self._tokenizer.encode(text).ids for text in texts]
        rows = [row for shared in self._passes(ids) for row in self._arena().logits(shared)]
        return [
            TextScores(_softmax(row), len(tokens), tokens.count(self._unknown))
            for row, tokens in zip(rows, ids, strict=True)
        ]

    def _passes(self, texts: Sequence[list[int]]) -> Iterator[list[list[int]]]:
        """Cut texts into passes that the arena has room for."""
        shared: list[list[int]] = []
        room = self._tokens
        for text in texts:
            if len(text) > room:
                yield shared
                shared, room = [], self._tokens
            shared.append(text)
            room -= len(text)
        if shared:
            yield shared

    def _arena(self) -> Arena:
        if not hasattr(self._of_thread, "arena"):
            self._of_thread.arena = Arena(self._model, self._tokens)
        arena: Arena = self._of_thread.arena
        return arena


def load(model_dir: Path, threads: int) -> NativeEngine:
    """Load a baked model with the fastest variant that this processor runs and that fits its sizes.

    Raises:
        ModelError: there is none, more than one thread is asked for, or a file is missing or not in the manifest.
    """
    if threads > 1:
        raise ModelError(
            "the native engine runs a text on one thread: set SENTIMENT_ENGINE_THREADS=1, or another engine"
        )
    manifest = load_manifest(model_dir)
    if missing := {_WEIGHTS_FILE, _TOKENIZER_FILE} - manifest.files.keys():
        raise ModelError(f"the manifest in {model_dir} does not list {' and '.join(sorted(missing))}")
    failure = ModelError("the native engine has no code for this processor")
    for variant in variants():
        if variant == REFERENCE_VARIANT:
            break
        try:
            return NativeEngine(model_dir, variant, max_tokens=manifest.max_tokens)
        except ModelError as error:
            failure = error
    raise failure


def _softmax(logits: Sequence[float]) -> tuple[float, ...]:
    largest = max(logits)
    exponents = [math.exp(logit - largest) for logit in logits]
    total = sum(exponents)
    return tuple(exponent / total for exponent in exponents)
