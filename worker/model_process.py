"""The model as one process holds it: loaded, warmed, timed and proven by real inferences."""

import threading
import time

from shared.predictions import encode_prediction
from shared.tokens import estimate_tokens
from worker.engines.base import Engine

_PROBE_TEXT = "This sentence proves that the model still answers, and nothing more."
_WARM_UP_PASSES = 3
_SMOOTHING = 0.05


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
        self._seconds_per_token = 0.0
        self._proven = float("-inf")
        self.version = version
        self.built_at = built_at

    @property
    def rate(self) -> float:
        """Estimated tokens a second, as measured lately."""
        return 1 / self._seconds_per_token if self._seconds_per_token else 0.0

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last real inference."""
        return time.monotonic() - self._proven

    def predict(self, text: str, tokens: int) -> bytes:
        """Run one forward pass.

        Args:
            text: what to classify.
            tokens: its estimated work, for the measured rate.

        Returns:
            The prediction as JSON.
        """
        with self._lock:
            began = time.perf_counter()
            scores = self._engine.scores(text)
            self._measure((time.perf_counter() - began) / tokens)
            self._proven = time.monotonic()
        return encode_prediction(scores)

    def test(self) -> None:
        """Prove the engine with a fixed sentence."""
        self.predict(_PROBE_TEXT, estimate_tokens(_PROBE_TEXT))

    def warm_up(self) -> None:
        """Run until buffers are allocated; only the last pass counts as a measurement."""
        for _ in range(_WARM_UP_PASSES):
            self._seconds_per_token = 0.0
            self.test()

    def _measure(self, seconds_per_token: float) -> None:
        if not self._seconds_per_token:
            self._seconds_per_token = seconds_per_token
        self._seconds_per_token += _SMOOTHING * (seconds_per_token - self._seconds_per_token)
