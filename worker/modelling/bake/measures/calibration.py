"""How far scores are from the shares of right answers, and the temperature that brings them nearest."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from worker.engines.facts import Bin, Calibration
from worker.engines.proof import Scores, label
from worker.engines.text.activation import Activation
from worker.modelling.bake.measures.examples import Labelled

_BINS: Final = 10
_LIMITS: Final = (math.log(0.05), math.log(20))
"""Of the logarithm of a temperature."""
_STEPS: Final = 40
_GOLDEN: Final = (math.sqrt(5) - 1) / 2
_SMALLEST: Final = 1e-12


def calibration(data: str, examples: Sequence[Labelled], given: Sequence[Scores], *, independent: bool) -> Calibration:
    """Measure the expected calibration error: of the highest score, or in a multi-label model of every label's.

    Args:
        data: name of the data.
        examples: labelled texts.
        given: their scores.
        independent: whether each label has its own probability.
    """
    pairs = list(_pairs(examples, given, independent=independent))
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for score, right in pairs:
        groups[min(int(score * _BINS), _BINS - 1)].append((score, right))
    bins = tuple(_bin(group) for group in groups if group)
    error = sum(abs(part.accuracy - part.confidence) * part.count for part in bins) / len(pairs)
    return Calibration(data=data, error=error, bins=bins)


def fit_temperature(examples: Sequence[Labelled], outputs: Sequence[Sequence[float]], *, independent: bool) -> float:
    """Return the temperature under which the right labels are the likeliest, with three digits."""

    def loss(logarithm: float) -> float:
        activation = Activation(independent=independent, temperature=math.exp(logarithm))
        return sum(
            _surprise(example, activation.scores(logits), independent=independent)
            for example, logits in zip(examples, outputs, strict=True)
        )

    return float(f"{math.exp(_minimum(loss, *_LIMITS)):.3g}")


def _minimum(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function with one valley is lowest, by golden sections."""
    for _ in range(_STEPS):
        step = (high - low) * _GOLDEN
        if function(high - step) < function(low + step):
            high = low + step
        else:
            low = high - step
    return (low + high) / 2


def _surprise(example: Labelled, scores: Scores, *, independent: bool) -> float:
    """Return minus the logarithm of the probability that scores give to a text's labels."""
    if not independent:
        return -sum(math.log(max(scores[right], _SMALLEST)) for right in example.labels)
    shares = (score if index in example.labels else 1 - score for index, score in enumerate(scores))
    return -sum(math.log(max(share, _SMALLEST)) for share in shares)


def _pairs(examples: Sequence[Labelled], given: Sequence[Scores], *, independent: bool) -> Iterator[tuple[float, bool]]:
    for example, scores in zip(examples, given, strict=True):
        if independent:
            yield from ((score, index in example.labels) for index, score in enumerate(scores))
        else:
            top = label(scores)
            yield scores[top], top in example.labels


def _bin(group: Sequence[tuple[float, bool]]) -> Bin:
    return Bin(
        confidence=sum(score for score, _ in group) / len(group),
        accuracy=sum(right for _, right in group) / len(group),
        count=len(group),
    )
