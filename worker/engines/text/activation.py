"""A model's outputs to scores."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Activation:
    """Softmax over all labels, or a sigmoid for each.

    Args:
        independent: whether each label has its own probability (sigmoid).
        temperature: the outputs are divided by it.
    """

    independent: bool = False
    temperature: float = 1.0

    def scores(self, logits: Sequence[float]) -> tuple[float, ...]:
        """Return one score for each output."""
        outputs = logits if self.temperature == 1 else [output / self.temperature for output in logits]
        return tuple(map(_sigmoid, outputs)) if self.independent else _softmax(outputs)


SOFTMAX: Final = Activation()


def _softmax(outputs: Sequence[float]) -> tuple[float, ...]:
    largest = max(outputs)
    exponents = [math.exp(output - largest) for output in outputs]
    total = sum(exponents)
    return tuple(exponent / total for exponent in exponents)


def _sigmoid(output: float) -> float:
    """Return 1 / (1 + e^-x), without an overflow for large negative outputs."""
    if output >= 0:
        return 1 / (1 + math.exp(-output))
    exponent = math.exp(output)
    return exponent / (1 + exponent)
