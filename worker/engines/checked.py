"""Engines around other engines: one takes texts where the other takes a single text, one checks every record."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from shared.contract.errors import ModelError
from worker.engines.base import Engine, TextScores


class SingleTextEngine:
    """Asks an engine that has only ``scores(text)``, text by text.

    Args:
        engine: it may have a ``name`` and a ``variant``.
    """

    def __init__(self, engine: Any) -> None:
        self._scores: Callable[[str], Any] = engine.scores
        self.name = str(getattr(engine, "name", type(engine).__name__))
        self.variant = str(getattr(engine, "variant", ""))

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order."""
        return [TextScores(self._scores(text)) for text in texts]


class CheckedEngine:
    """Refuses records that cannot be an answer: a score or logit too many or too few, or a score outside 0 to 1.

    Args:
        engine: computes the records.
        count: number of labels.
        spec: the engine's name in the settings, for the sentence of a refusal.
    """

    def __init__(self, engine: Engine, count: int, spec: str) -> None:
        self._engine = engine
        self._count = count
        self._spec = spec
        self.name = str(getattr(engine, "name", spec))
        self.variant = str(getattr(engine, "variant", ""))

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order.

        Raises:
            ModelError: a record is missing or is not an answer.
        """
        records = self._engine.classify(texts)
        if not isinstance(records, list) or len(records) != len(texts):
            raise ModelError(f"the engine {self._spec!r} does not return a list with a record for each text")
        return [self._checked(record) for record in records]

    def _checked(self, record: TextScores) -> TextScores:
        if not isinstance(record, TextScores):
            raise ModelError(f"the engine {self._spec!r} returns a {type(record).__name__}, not TextScores")
        scores = self._numbers(record.scores)
        if len(scores) != self._count:
            raise ModelError(
                f"the engine {self._spec!r} returns {len(scores)} scores; the model's manifest has {self._count} labels"
            )
        if not all(0 <= score <= 1 for score in scores):  # false for NaN too
            raise ModelError(f"the engine {self._spec!r} returns a score that is not between 0 and 1")
        logits = None if record.logits is None else self._numbers(record.logits)
        if logits is not None and len(logits) != self._count:
            raise ModelError(f"the engine {self._spec!r} returns {len(logits)} logits for {self._count} labels")
        return replace(record, scores=scores, logits=logits)

    def _numbers(self, scores: Any) -> tuple[float, ...]:
        """Return scores as Python's floats, whatever kind of sequence and number a runtime has."""
        try:
            return tuple(float(score + 0.0) for score in scores)  # float() alone would read text as a number
        except (TypeError, ValueError):
            kind = type(scores).__name__
            raise ModelError(f"the engine {self._spec!r} returns a {kind}, not a sequence of numbers") from None
