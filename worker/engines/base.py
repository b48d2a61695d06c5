"""The interface of an engine: it takes texts and returns a record for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

PROBE: Final = "This sentence proves that the model still answers, and nothing more."
"""The text of every self-test."""


@dataclass(frozen=True, slots=True)
class TextScores:
    """The record of one text's forward pass."""

    scores: tuple[float, ...]
    """One score for each label, in the order of the manifest's labels, by the model's activation."""
    tokens: int | None = None
    """Tokens that the model read, special ones included; None where the engine does not count them."""
    unknown_tokens: int | None = None
    """Those of them that the vocabulary lacks; None where the engine does not count them."""
    tokens_before: int | None = None
    """Tokens of the whole text, before truncation; None where the engine does not count them."""
    logits: tuple[float, ...] | None = None
    """The model's outputs in the order of `scores`, before the activation; None where the engine does not tell them."""


class Engine(Protocol):
    """Computes the scores of texts.

    The record of a text depends on that text alone, to the bit. Where batch-mates would change it (scales of schema 1
    span a whole batch), each text is a forward pass of its own.
    """

    name: str
    variant: str
    """The implementation that it has chosen for this processor and model; empty where there is but one."""

    def classify(self, texts: Sequence[str]) -> list[TextScores]:
        """Return a record for each text, in order."""


def reason(error: BaseException) -> str:
    """Return the first line of a library's message; the rest is seldom for readers."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
