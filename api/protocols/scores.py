"""The scores of stored answers, as other protocols write them."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic_core import from_json

from api.errors.problems import InvalidRequestError, LabelsChangedError
from shared.contract.card import ModelCard
from shared.contract.record import Facts, Record

Activation = Literal["softmax", "sigmoid", "none"]
"""The function that makes scores of logits; `none` leaves them as they are."""
_OF_TASK: Final[dict[str, Activation]] = {"single-label": "softmax", "multi-label": "sigmoid"}


def ranked(record: Record) -> Sequence[Mapping[str, Any]]:
    """Return the labels of an answer with their scores, the highest first."""
    return _parsed(record.body)


@lru_cache(maxsize=8)  # the outputs of one request parse the same answer
def _parsed(body: bytes) -> Sequence[Mapping[str, Any]]:
    scores: list[dict[str, Any]] = from_json(body)
    return scores


def by_label(record: Record, card: ModelCard) -> list[float]:
    """Return the scores of an answer in the order of the model's labels.

    Raises:
        LabelsChangedError: the answer has other labels.
    """
    scores = {entry["label"]: entry["score"] for entry in ranked(record)}
    if len(scores) != len(card.labels):
        raise LabelsChangedError
    try:
        return [scores[label] for label in card.labels]
    except KeyError:
        raise LabelsChangedError from None


def activated(record: Record, card: ModelCard, activation: Activation) -> list[dict[str, Any]]:
    """Return the labels of an answer with their scores by an activation, the highest first.

    Raises:
        InvalidRequestError: the engine does not tell logits.
        LabelsChangedError: the answer has other labels.
    """
    by_label(record, card)  # checks the labels, because logits have none
    logits = facts_of(record).logits
    if len(logits) != len(card.labels):
        raise InvalidRequestError([_unknown("logits")])
    scores = zip(card.labels, _ACTIVATIONS[activation](logits), strict=True)
    return [{"label": label, "score": score} for label, score in sorted(scores, key=lambda pair: -pair[1])]


def own_activation(card: ModelCard) -> Activation:
    """Return the activation of the stored scores."""
    return _OF_TASK[card.task]


def require_whole(records: Sequence[Record]) -> None:
    """Check that no text was truncated.

    Raises:
        InvalidRequestError: a text was truncated, or the engine does not count tokens.
    """
    for facts in map(facts_of, records):
        if facts.truncated is None:
            raise InvalidRequestError([_unknown("the tokens of a text")])
        if facts.truncated:
            message = f"`inputs` must have at most {facts.tokens} tokens. Given: {facts.tokens_before}"
            raise InvalidRequestError([{"location": "body.inputs", "message": message}])


def tokens_of(records: Sequence[Record]) -> int:
    """Return the tokens that the model has read of all texts; a text counts 0 where the engine counts none."""
    return sum([record.tokens for record in records])


def facts_of(record: Record) -> Facts:
    """Return the facts of an answer; without any where its worker's release does not tell them."""
    return record.facts or Facts(0)


def _unknown(what: str) -> dict[str, str]:
    return {"location": "body", "message": f"The engine of this model does not tell {what}"}


def _softmax(logits: Sequence[float]) -> list[float]:
    greatest = max(logits)
    exponentials = [math.exp(logit - greatest) for logit in logits]
    total = math.fsum(exponentials)
    return [value / total for value in exponentials]


def _sigmoid(logits: Sequence[float]) -> list[float]:
    return [0.5 * (1 + math.tanh(logit / 2)) for logit in logits]


_ACTIVATIONS: Final[dict[Activation, Callable[[Sequence[float]], Sequence[float]]]] = {
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "none": lambda logits: logits,
}
