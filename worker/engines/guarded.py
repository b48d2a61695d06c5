"""An engine behind a lock, with the identity of its model: warmed up, and proven by real inferences."""

import threading
import time
from collections.abc import Sequence

from shared.contract.tokens import estimate_tokens
from worker.engines.base import PROBE, Engine, TextScores
from worker.engines.manifest import Manifest

_WARM_UP_PASSES = 2
"""Besides the pass by which `load_engine` has proven the engine."""


class GuardedEngine:
    """One engine behind a lock, since the process also tests itself between tasks.

    Args:
        engine: computes scores.
        manifest: of the model that the engine holds.
    """

    def __init__(self, engine: Engine, manifest: Manifest) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._proven = float("-inf")
        self.version = manifest.version
        self.built_at = manifest.built_at
        """The model's build time, in seconds UTC."""
        self.labels = manifest.labels
        self.card = manifest.card()
        self.engine = engine.name
        self.variant = engine.variant

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last real inference."""
        return time.monotonic() - self._proven

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Run the texts and return a record for each, in order."""
        with self._lock:
            records = self._engine.classify(texts)
            self._proven = time.monotonic()
        return records

    def test(self) -> None:
        """Prove the engine with a fixed sentence."""
        self.classify([PROBE])

    def warm_up(self) -> float:
        """Run until buffers are allocated.

        Returns:
            The seconds that an estimated token took in the last pass.
        """
        for _ in range(_WARM_UP_PASSES):
            began = time.perf_counter()
            self.test()
            seconds = time.perf_counter() - began
        return seconds / estimate_tokens(PROBE)
