"""The parts of an answer that a call asks for."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parts of an answer; by default all labels without details.

    Raises:
        ValueError: `top_k` is not positive.
    """

    top_k: int | None = None
    """Most labels, those with the highest scores; None for all."""
    details: bool = False
    """Whether the facts of the forward pass are wanted."""

    def __post_init__(self) -> None:
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k is {self.top_k}: ask for at least one label")

    def path(self, path: str) -> str:
        """Return a path with the query parameters that ask for these parts; an earlier release ignores them."""
        parts = [] if self.top_k is None else [f"top_k={self.top_k}"]
        parts += ["details=1"] if self.details else []
        return f"{path}{'&' if '?' in path else '?'}{'&'.join(parts)}" if parts else path


PLAIN: Final = Wanted()
"""All labels, without details."""
