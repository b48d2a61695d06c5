"""The model as one process holds it: loaded, warmed and proven by real inferences."""

import threading
import time

from shared.contract.predictions import encode_prediction
from shared.contract.tokens import estimate_tokens
from worker.engines.base import Engine

_PROBE_TEXT = "This sentence proves that the model still answers, and nothing more."
_WARM_UP_PASSES = 3


class ModelProcess:
    """One engine behind a lock, since the process also tests itself between tasks.

    Args:
        engine: computes scores.
        version: the model version, from its manifest.
        built_at: the model's build time, in seconds UTC.
    """

    def __init__(self, engine: Engine, version: str, built_at: int) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._proven = float("-inf")
        self.version = version
        self.built_at = built_at

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last real inference."""
        return time.monotonic() - self._proven

    def predict(self, text: str) -> bytes:
        """Run one forward pass and return the prediction as JSON."""
        with self._lock:
            scores = self._engine.scores(text)
            self._proven = time.monotonic()
        return encode_prediction(scores)

    def test(self) -> None:
        """Prove the engine with a fixed sentence."""
        self.predict(_PROBE_TEXT)

    def warm_up(self) -> float:
        """Run until buffers are allocated.

        Returns:
            The seconds that an estimated token took in the last pass.
        """
        for _ in range(_WARM_UP_PASSES):
            began = time.perf_counter()
            self.test()
            seconds = time.perf_counter() - began
        return seconds / estimate_tokens(_PROBE_TEXT)
