"""The part of a manifest that says how texts are read, and how outputs become scores."""

from dataclasses import dataclass
from typing import Final

from shared.contract.names import MAX_TOKENS
from worker.engines.text.activation import SOFTMAX, Activation


@dataclass(frozen=True)
class Handling:
    """Bounds and functions at both ends of a pass.

    Args:
        max_tokens: longer texts are truncated to this many, special tokens included.
        activation: makes scores of outputs.
        preparation: names of the changes to a text before it is tokenized.
    """

    max_tokens: int = MAX_TOKENS
    activation: Activation = SOFTMAX
    preparation: tuple[str, ...] = ()


USUAL: Final = Handling()
"""Of every manifest that says nothing else."""
