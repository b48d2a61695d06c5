"""How far a baked graph may be from the transformers pipeline, and how far it is."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import reason
from worker.engines.facts import Accuracy, Parity
from worker.engines.proof import Scores, difference, label

FP32_TOLERANCE: Final = 1e-4
"""Of every score of the fp32 graph."""
INT8_AGREEMENT: Final = 0.98
"""Share of texts on which int8 gives the same label."""
INT8_LOSS: Final = 0.005
"""Accuracy that int8 may lose on labelled data."""

Classify = Callable[[str], Scores]


def pipeline_classifier(folder: Path) -> Classify:
    """Return the reference: the transformers pipeline in fp32, one text at a time.

    Raises:
        ModelError: transformers cannot load the model.
    """
    from transformers import pipeline  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    from worker.engines.torch import in_order  # noqa: PLC0415

    logging.disable_progress_bar()
    try:
        classify = pipeline("text-classification", model=str(folder), device="cpu", top_k=None)
    except Exception as error:
        raise ModelError(f"transformers cannot load {folder}: {reason(error)}") from error

    def scores(text: str) -> Scores:
        (entries,) = classify([text], truncation=True, max_length=MAX_TOKENS)
        return in_order(classify, entries)

    return scores


def check_parity(reference: Sequence[Scores], fp32: Sequence[Scores], int8: Sequence[Scores]) -> Parity:
    """Compare both graphs with the pipeline on the same texts.

    Raises:
        ModelError: a graph drifts further than allowed.
    """
    parity = Parity(
        texts=len(reference),
        fp32_max_difference=largest_difference(reference, fp32),
        int8_max_difference=largest_difference(reference, int8),
        int8_agreement=agreement(reference, int8),
    )
    if parity.fp32_max_difference > FP32_TOLERANCE:
        raise ModelError(
            f"the fp32 graph drifts from the transformers pipeline by {parity.fp32_max_difference:.2g} in a score, "
            f"more than {FP32_TOLERANCE}"
        )
    _require_agreement(parity.int8_agreement, "the built-in texts")
    return parity


def check_accuracy(name: str, labels: Sequence[int], reference: Sequence[Scores], int8: Sequence[Scores]) -> Accuracy:
    """Compare on labelled data.

    Raises:
        ModelError: int8 loses more than allowed.
    """
    before, after = (
        _share(label(scores) == right for scores, right in zip(given, labels, strict=True))
        for given in (reference, int8)
    )
    if before - after > INT8_LOSS:
        raise ModelError(f"int8 loses too much: {after:.4f} instead of {before:.4f} on {name}")
    accuracy = Accuracy(data=name, texts=len(labels), fp32=before, int8=after, agreement=agreement(reference, int8))
    _require_agreement(accuracy.agreement, name)
    return accuracy


def largest_difference(one: Sequence[Scores], other: Sequence[Scores]) -> float:
    """Return the largest difference of any score."""
    return max(difference(left, right) for left, right in zip(one, other, strict=True))


def agreement(one: Sequence[Scores], other: Sequence[Scores]) -> float:
    """Return the share of texts with the same label."""
    return _share(label(left) == label(right) for left, right in zip(one, other, strict=True))


def _require_agreement(share: float, where: str) -> None:
    if share < INT8_AGREEMENT:
        raise ModelError(f"int8 gives another label on {1 - share:.1%} of {where}, more than {1 - INT8_AGREEMENT:.0%}")


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values)
