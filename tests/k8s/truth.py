"""Expected answers, from the same engine and model in this process."""

import math
from functools import cached_property
from typing import Any, Final

from shared.broker.fleet import DEFAULT_LABELS
from tests.charts.tools import ROOT
from tests.k8s.run import require
from tests.k8s.service import kind, results, sentences
from worker.engines.base import Engine
from worker.engines.loading import load_engine

_POSITIVE: Final = DEFAULT_LABELS.index("POSITIVE")
_TOLERANCE: Final = 1e-4
"""The image's engine is the same; its arithmetic may differ in the last digits on another processor."""
_LABELS: Final = {True: "POSITIVE", False: "NEGATIVE"}
_ASKED: Final = 20


class Truth:
    """Right answers, by the model that the worker image holds and by the second one, which turns them around."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    @cached_property
    def _engine(self) -> Engine:
        return load_engine("auto", ROOT / "worker" / "model", 1)

    def positive(self, text: str) -> float:
        """Return the first model's score for POSITIVE."""
        if text not in self._known:
            self._known[text] = self._engine.classify([text])[0].scores[_POSITIVE]
        return self._known[text]

    def model(self, text: str, positive: float) -> int:
        """Tell which model gives this score: 1, 2, or 0 for neither."""
        own = self.positive(text)
        for number, score in ((1, own), (2, 1 - own)):
            if math.isclose(positive, score, abs_tol=_TOLERANCE):
                return number
        return 0

    def require_job(self, job: Any, *models: int) -> None:
        """Wait for a job's end; each text must have been answered once, and by one of these models.

        Every other text is kind, so a missing or doubled answer shifts the rest. The model is asked about the first
        few: asking about all would take the node as long as the job did.

        Raises:
            SentimentError: it failed, or an answer is missing or wrong.
        """
        texts, labels = sentences(job["name"], job["texts"]), results(job)
        require(len(labels) == len(texts), f"{job['name']}: {len(labels)} results for {len(texts)} texts")
        for text in texts[:_ASKED]:
            require((self.positive(text) > 0.5) == kind(text), f"the model itself is wrong about {text!r}")
        for text, label in zip(texts, labels, strict=True):
            expected = {_LABELS[kind(text) == (number == 1)] for number in models or (1,)}
            require(label in expected, f"{job['name']}: {text!r} was answered {label}")
