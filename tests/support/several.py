"""A model with six labels of which several may apply, in the folder that the worker's image takes as it is."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from client import SentimentClient
from client.models import Outcome, Prediction
from tests.support.scheme import TINY, write_scheme_model
from tests.support.weights import random_weights
from worker.engines.loading import load_engine

LABELS: Final = ("joy", "anger", "sadness", 'so "so"', "a, b", "\U0001f44d\U0001f3fd")
THRESHOLD: Final = 0.45
BAKED: Final = Path(__file__).parents[2] / "baked"
"""Where a user puts a baked folder for ``MODEL=baked``."""
TEXTS: Final = (
    "A lovely day.",
    "Dull and far too long.",
    "",
    "Ein sch\u00f6ner Tag \U0001f44d\U0001f3fd",
    "word " * 600,
)
_TOLERANCE: Final = 1e-3
"""The image's engine may round a few activations to neighbouring levels on another processor."""


class Several:
    """The model's answers, by the engine that this machine chooses."""

    def __init__(self, folder: Path) -> None:
        self._engine = load_engine("auto", folder, 1)

    def require(self, url: str, service: str) -> None:
        """Require of a service the model's card, and its answers to single texts, to a batch and to a job.

        Raises:
            AssertionError: one is another.
        """
        with SentimentClient(url, service=service) as client:
            card = client.model()
            assert (card.labels, card.task, card.threshold) == (LABELS, "multi-label", THRESHOLD)
            single = map(client.predict, TEXTS)
            for outcomes in (single, client.predict_batch(TEXTS).outcomes, client.predict_in_jobs(TEXTS)):
                for text, outcome in zip(TEXTS, outcomes, strict=True):
                    self._require(text, outcome)

    def _require(self, text: str, outcome: Outcome) -> None:
        assert isinstance(outcome, Prediction), outcome
        expected = dict(zip(LABELS, self._engine.classify([text])[0].scores, strict=True))
        assert [*outcome.scores.values()] == sorted(outcome.scores.values(), reverse=True)
        assert _apart(outcome.scores, expected) < _TOLERANCE, (text, outcome.scores, expected)


def _apart(given: Mapping[str, float], expected: Mapping[str, float]) -> float:
    assert given.keys() == expected.keys()
    return max(abs(given[label] - expected[label]) for label in expected)


def write_several(folder: Path) -> Several:
    """Write the model; its version is always the same."""
    weights = random_weights(TINY._replace(labels=len(LABELS)))
    return Several(write_scheme_model(folder, weights, labels=LABELS, task="multi-label", threshold=THRESHOLD))


@contextmanager
def baked_folder() -> Iterator[Several]:
    """Put the model where the image's build takes it from, and remove it afterwards.

    Raises:
        FileExistsError: there is one already.
    """
    if BAKED.exists():
        raise FileExistsError(f"{BAKED} is in the way: the model of the test belongs there")
    try:
        yield write_several(BAKED)
    finally:
        shutil.rmtree(BAKED, ignore_errors=True)
