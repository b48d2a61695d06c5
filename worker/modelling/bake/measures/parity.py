"""How far a baked graph may be from the transformers pipeline, and how far it is."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.contract.errors import ModelError
from worker.engines.facts import Accuracy, Parity
from worker.engines.proof import Scores, decisions, difference
from worker.modelling.bake.measures.examples import Labelled

FP32_TOLERANCE: Final = 1e-4
"""Of every score of the fp32 graph."""
INT8_AGREEMENT: Final = 0.98
"""Share of texts on which int8 gives the same label; in a multi-label model, of texts for each label."""
INT8_LOSS: Final = 0.005
"""Accuracy that int8 may lose on labelled data."""
OTHERWISE: Final = "--precision fp32 bakes it without int8"


def check_parity(
    reference: Sequence[Scores], fp32: Sequence[Scores], int8: Sequence[Scores] | None, deciding: float | None = None
) -> Parity:
    """Compare graphs with the pipeline on the same texts.

    Args:
        reference: scores of the pipeline.
        fp32: scores of the fp32 graph.
        int8: scores of the int8 graph; None where fp32 is served.
        deciding: the threshold of a multi-label model; None where the highest score decides.

    Raises:
        ModelError: a graph drifts further than allowed.
    """
    apart = largest_difference(reference, fp32)
    if not apart <= FP32_TOLERANCE:  # true of NaN too
        raise ModelError(
            f"the fp32 graph drifts from the transformers pipeline by {apart:.2g} in a score, "
            f"more than {FP32_TOLERANCE}"
        )
    if int8 is None:
        return Parity(texts=len(reference), fp32_max_difference=apart)
    return Parity(
        texts=len(reference),
        fp32_max_difference=apart,
        int8_max_difference=largest_difference(reference, int8),
        int8_agreement=_required_agreement(reference, int8, deciding, "the built-in texts"),
    )


def check_accuracy(
    name: str,
    examples: Sequence[Labelled],
    reference: Sequence[Scores],
    int8: Sequence[Scores] | None,
    deciding: float | None = None,
) -> Accuracy:
    """Compare on labelled data; the arguments are those of `check_parity`.

    Raises:
        ModelError: int8 loses more than allowed.
    """
    before = accuracy(examples, reference, deciding)
    if int8 is None:
        return Accuracy(data=name, texts=len(examples), fp32=before)
    after = accuracy(examples, int8, deciding)
    if before - after > INT8_LOSS:
        raise ModelError(f"int8 loses too much: {after:.4f} instead of {before:.4f} on {name}; {OTHERWISE}")
    same = _required_agreement(reference, int8, deciding, name)
    return Accuracy(data=name, texts=len(examples), fp32=before, int8=after, agreement=same)


def accuracy(examples: Sequence[Labelled], given: Sequence[Scores], deciding: float | None) -> float:
    """Return the share of texts with the right label; in a multi-label model, of right decisions on all labels."""
    pairs = [(decisions(scores, deciding), example.labels) for scores, example in zip(given, examples, strict=True)]
    if deciding is None:
        return _share(decided == right for decided, right in pairs)
    wrong = sum(len(decided ^ right) for decided, right in pairs)
    return 1 - wrong / sum(map(len, given))


def largest_difference(one: Sequence[Scores], other: Sequence[Scores]) -> float:
    """Return the largest difference of any score."""
    return max(difference(left, right) for left, right in zip(one, other, strict=True))


def agreement(one: Sequence[Scores], other: Sequence[Scores], deciding: float | None = None) -> float:
    """Return the share of texts with the same label; in a multi-label model, that of the label with the lowest."""
    apart = [decisions(left, deciding) ^ decisions(right, deciding) for left, right in zip(one, other, strict=True)]
    if deciding is None:
        return _share(not labels for labels in apart)
    return min(_share(label not in labels for labels in apart) for label in range(len(one[0])))


def _required_agreement(
    reference: Sequence[Scores], int8: Sequence[Scores], deciding: float | None, where: str
) -> float:
    share = agreement(reference, int8, deciding)
    if share < INT8_AGREEMENT:
        raise ModelError(
            f"int8 gives another label on {1 - share:.1%} of {where}, more than {1 - INT8_AGREEMENT:.0%}; {OTHERWISE}"
        )
    return share


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values)
