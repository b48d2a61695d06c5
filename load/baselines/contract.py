"""The HTTP contract as Pydantic models, in the usual form for these frameworks."""

from collections.abc import Sequence

from pydantic import BaseModel

from shared.broker.fleet import DEFAULT_LABELS


class Text(BaseModel):
    """A text."""

    text: str


class Batch(BaseModel):
    """A batch of texts."""

    text: list[str]


class LabelScore(BaseModel):
    """One label with its softmax score."""

    label: str
    score: float


class Prediction(BaseModel):
    """Both labels, the higher score first."""

    prediction: list[LabelScore]


class BulkPrediction(BaseModel):
    """The predictions of a batch, in the order of its texts."""

    predictions: list[list[LabelScore]]


def prediction(scores: Sequence[float]) -> Prediction:
    """Return the prediction for scores in the order of the labels."""
    ranked = sorted(zip(DEFAULT_LABELS, scores, strict=True), key=lambda pair: -pair[1])
    return Prediction(prediction=[LabelScore(label=label, score=score) for label, score in ranked])
