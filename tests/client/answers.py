"""The answers of the steered engine, as the command writes them."""

from typing import Any

from tests.support.asking import expected


def label_of(text: str) -> str:
    return str(_first(text)["label"])


def score_of(text: str) -> float:
    return float(_first(text)["score"])


def line_of(text: str) -> str:
    """Return a line of ``sentiment predict``."""
    return f"{label_of(text)}\t{score_of(text):.4f}\t{text}\n"


def fields_of(text: str) -> list[str]:
    """Return the two fields that ``sentiment file`` adds to a row."""
    return [label_of(text), repr(score_of(text))]


def _first(text: str) -> dict[str, Any]:
    first: dict[str, Any] = expected(text)[0]
    return first
