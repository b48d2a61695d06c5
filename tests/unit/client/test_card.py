"""The card of a model in ``/stats``, of this release and of earlier ones."""

from typing import Any

import pytest

from client.card import Measured, ModelCard, card_from
from client.models import Details, Prediction, ServingEngine, outcome_from
from client.wanted import Wanted

CARD = {
    "version": "abc",
    "name": "feelings",
    "description": "Four feelings",
    "labels": ["joy", "anger"],
    "task": "multi-label",
    "threshold": 0.4,
    "polarity": {"joy": "positive"},
    "languages": ["en", "de"],
    "architecture": "roberta",
    "precision": "fp32",
    "max_tokens": 128,
    "bytes_per_token": 3.0,
    "preparation": ["nfc"],
    "size_bytes": 12,
    "source": "somebody/feelings@1",
    "measured": {"data": "dev", "texts": 9, "accuracy": 0.9, "fp32": None, "calibration_error": 0.1, "later": 1},
    "of a later release": {},
}
WORKERS = [
    {"version": "abc", "engine": "onnx", "variant": ""},
    {"version": "abc", "engine": "native", "variant": "portable"},
    {"version": "abc", "engine": "native", "variant": "portable"},
    {"version": "abc", "engine": "", "variant": ""},
    {"version": "old", "engine": "torch", "variant": ""},
]


def test_a_card() -> None:
    stats = {"model": {"version": "abc", "labels": ["joy", "anger"], "card": CARD}, "workers": WORKERS}
    assert card_from(stats) == ModelCard(
        version="abc",
        labels=("joy", "anger"),
        name="feelings",
        description="Four feelings",
        task="multi-label",
        threshold=0.4,
        polarity={"joy": "positive"},
        languages=("en", "de"),
        architecture="roberta",
        precision="fp32",
        max_tokens=128,
        preparation=("nfc",),
        size_bytes=12,
        source="somebody/feelings@1",
        measured=Measured("dev", 9, 0.9, None, 0.1),
        engines=(ServingEngine("native", "portable", 2), ServingEngine("onnx", "", 1)),
    )


@pytest.mark.parametrize(
    ("stats", "card"),
    [
        ({"active": "abc"}, ModelCard(version="abc")),
        ({"active": "", "model": {"version": "", "labels": None}, "workers": None}, ModelCard()),
        ({"model": {"version": "abc", "labels": ["a", "b"]}, "workers": []}, ModelCard("abc", ("a", "b"))),
        ({"model": {"version": "abc", "labels": ["a", "b"], "card": None}}, ModelCard("abc", ("a", "b"))),
    ],
    ids=["without a model", "no worker yet", "without a card", "a worker of an earlier release"],
)
def test_a_service_that_tells_less(stats: Any, card: ModelCard) -> None:
    assert card_from(stats) == card
    assert not card.multi_label


TWO = [{"label": "b", "score": 0.75}, {"label": "a", "score": 0.25}]
FACTS = {"tokens": 9, "tokens_before": 12, "truncated": True, "unknown_share": 0.5}


@pytest.mark.parametrize(
    ("document", "top_k", "prediction"),
    [
        (TWO, None, Prediction("b", 0.75, {"b": 0.75, "a": 0.25})),
        (TWO, 1, Prediction("b", 0.75, {"b": 0.75})),
        ({"prediction": TWO, "details": FACTS}, 1, Prediction("b", 0.75, {"b": 0.75}, Details(9, True, 0.5))),
        ({"prediction": TWO, "details": None}, 1, Prediction("b", 0.75, {"b": 0.75})),
    ],
)
def test_an_answer(document: Any, top_k: int | None, prediction: Prediction) -> None:
    assert outcome_from(document, top_k) == prediction


def test_the_query() -> None:
    assert Wanted().path("/project/predict") == "/project/predict"
    assert Wanted(3).path("/project/predict") == "/project/predict?top_k=3"
    assert Wanted(3, details=True).path("/jobs/1/results?offset=0") == "/jobs/1/results?offset=0&top_k=3&details=1"
    with pytest.raises(ValueError, match="top_k is 0"):
        Wanted(0)
