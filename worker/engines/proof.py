"""The proof that an engine computes on this processor what the bake has written down."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared.contract.errors import ModelError
from shared.contract.tokens import Cost
from worker.engines.base import Engine, TextScores
from worker.engines.processor import processor

REFERENCE_FILE: Final = "reference.json"
BOUND: Final = 0.04
"""Largest difference of a score: two engines of the scheme may round a few activations to neighbouring levels."""
_FULL: Final = 0.25
"""Top score from which `BOUND` is the whole difference; where all scores are lower, as of many labels, it is less."""
_FEW: Final = 6
_SHORT: Final = 32
"""Most estimated tokens of a text that is computed at each start."""

Scores = tuple[float, ...]


class Entry(NamedTuple):
    """One text, and a score for each label."""

    text: str
    pipeline: Scores
    """Of the transformers pipeline in fp32."""
    scheme: Scores | None
    """Of the numeric scheme; None in a folder of schema 1."""


def write_reference(folder: Path, entries: Sequence[Entry]) -> None:
    """Write the entries into a folder."""
    rows = [entry._asdict() for entry in entries]
    (folder / REFERENCE_FILE).write_text(json.dumps(rows, indent=1) + "\n")


def read_reference(folder: Path) -> list[Entry]:
    """Read the entries of a folder of either schema.

    Raises:
        ModelError: the file cannot be read.
    """
    path = folder / REFERENCE_FILE
    try:
        return [_entry(row) for row in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, LookupError, TypeError):
        raise ModelError(f"{path} cannot be read") from None


def _entry(row: dict[str, Any]) -> Entry:
    if "scores" in row:  # schema 1
        return Entry(row["text"], tuple(row["scores"]), None)
    return Entry(row["text"], tuple(row["pipeline"]), tuple(row["scheme"]))


def few(entries: Sequence[Entry]) -> list[Entry]:
    """Choose short texts of different lengths, which together take an engine a few hundredths of a second."""
    tokens = {entry.text: Cost().estimate(entry.text) for entry in entries}
    short = sorted((entry for entry in entries if tokens[entry.text] <= _SHORT), key=lambda entry: tokens[entry.text])
    return [short[place * (len(short) - 1) // (_FEW - 1)] for place in range(_FEW)] if short else []


def prove(engine: Engine, entries: Sequence[Entry]) -> None:
    """Let an engine compute some texts, and compare; see `compare`."""
    compare(engine, entries, engine.classify([entry.text for entry in entries]))


def compare(engine: Engine, entries: Sequence[Entry], records: Sequence[TextScores]) -> None:
    """Compare the records that an engine has given with the scores of the scheme.

    Raises:
        ModelError: one is out of bounds, so this engine must not serve here.
    """
    pairs = [(entry.scheme, record.scores) for entry, record in zip(entries, records, strict=True) if entry.scheme]
    if not pairs:
        raise ModelError(f"{REFERENCE_FILE} holds no scores to prove the engine {engine.name!r} by")
    if wrong := [pair for pair in pairs if not _agree(*pair)]:
        raise ModelError(
            f"the engine {engine.name!r} (variant {engine.variant or 'unnamed'}) must not serve on this processor "
            f"({processor()}): {len(wrong)} of {len(pairs)} answers are not those of the bake, "
            f"with scores up to {max(difference(*pair) for pair in wrong):.2f} off"
        )


def difference(one: Scores, other: Scores) -> float:
    """Return the largest difference of any score."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def label(scores: Scores) -> int:
    """Return the index of the highest score."""
    return max(range(len(scores)), key=scores.__getitem__)


def decisions(scores: Scores, deciding: float | None) -> frozenset[int]:
    """Return the indices of the labels that apply: those from the threshold, or without one the highest."""
    if deciding is None:
        return frozenset({label(scores)})
    return frozenset(index for index, score in enumerate(scores) if score >= deciding)


def _agree(expected: Scores, actual: Scores) -> bool:
    """Whether scores are within the bound; then the labels that apply differ only where scores nearly tie."""
    return difference(expected, actual) <= BOUND * min(1, max(expected) / _FULL)
