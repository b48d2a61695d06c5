"""An engine behind a lock, with the identity of its model: warmed up, and proven by real inferences."""

import threading
import time
from collections.abc import Sequence
from typing import Final

from worker.engines.base import PROBE, Engine, TextScores
from worker.engines.manifest import Manifest

_FEWEST_PASSES: Final = 2
_MOST_PASSES: Final = 6
"""Passes of a warm-up; the first ones read the weights from the disk or the page cache."""
_WARM_UP_SECONDS: Final = 0.05
"""Seconds after which no more than the fewest passes are run."""


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

    def test(self) -> float:
        """Prove the engine with a fixed sentence, and return the seconds of the pass."""
        began = time.perf_counter()
        self.classify([PROBE])
        return time.perf_counter() - began

    def warm_up(self) -> float:
        """Run until buffers are allocated and caches are filled, and return the seconds of the shortest pass."""
        passes: list[float] = []
        while len(passes) < _FEWEST_PASSES or (len(passes) < _MOST_PASSES and sum(passes) < _WARM_UP_SECONDS):
            passes.append(self.test())
        return min(passes)
