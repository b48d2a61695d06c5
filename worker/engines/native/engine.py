"""The native engine: C code of our own, on one thread, several texts in a pass where they are short."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from shared.contract.errors import ModelError
from worker.engines.base import TextScores
from worker.engines.manifest import WEIGHTS_FILE, load_manifest
from worker.engines.native.library import REFERENCE_VARIANT, Arena, Model, variants
from worker.engines.text.ends import Ends
from worker.engines.text.handling import USUAL, Handling
from worker.engines.text.tokenizer import TOKENIZER_FILE


class NativeEngine:
    """Runs the baked weights by the compiled library.

    Args:
        model_dir: folder of the baked model.
        variant: one of `worker.engines.native.library.variants`.
        handling: how texts are read, and outputs become scores.

    Raises:
        ModelError: the files are missing or cannot be loaded, or the variant cannot run them here.
    """

    name = "native"

    def __init__(self, model_dir: Path, variant: str, *, handling: Handling = USUAL) -> None:
        self._model = Model(model_dir / WEIGHTS_FILE, variant)
        self._tokens = min(handling.max_tokens, self._model.positions)
        self._ends = Ends(model_dir, replace(handling, max_tokens=self._tokens))
        self._of_thread = threading.local()
        self.variant = variant

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order; short texts share a pass, which changes no bit of an answer."""
        read = [self._ends.read(text) for text in texts]
        rows = self.logits([tokens.ids for tokens in read])
        return [self._ends.record(tokens, row) for tokens, row in zip(read, rows, strict=True)]

    def logits(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Compute one row of logits for each text from its token ids."""
        return [row for shared in self._passes(texts) for row in self._arena().logits(shared)]

    def _passes(self, texts: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
        """Group texts into passes for which the arena has room."""
        shared: list[Sequence[int]] = []
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
    """Load a baked model with the fastest variant that this processor runs and that fits the model's sizes.

    Raises:
        ModelError: there is none, more than one thread is asked for, or a file is missing or not in the manifest.
    """
    assert threads == 1, "the caller has refused more"
    manifest = load_manifest(model_dir)
    if missing := {WEIGHTS_FILE, TOKENIZER_FILE} - manifest.files.keys():
        raise ModelError(f"the manifest in {model_dir} does not list {' and '.join(sorted(missing))}")
    failure = ModelError("the native engine has no code for this processor")
    for variant in variants():
        if variant == REFERENCE_VARIANT:
            break
        try:
            return NativeEngine(model_dir, variant, handling=manifest.handling)
        except ModelError as error:
            failure = error
    raise failure
