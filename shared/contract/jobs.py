"""The contract about jobs: the stored form of a chunk, the weight of a text, errors in results."""

import json
from typing import Final, NamedTuple

CRASHED: Final = (
    b'{"error":{"code":"inference-crashed","detail":"The model process died on this text, again and again."}}'
)
"""Stands in place of a prediction whose text has killed its process in every try."""

MAX_TRIES: Final = 3
"""How often a text that ran alone may end its process before it is given up."""

TRIES_SECONDS: Final = 600
"""How long a text's tries are remembered."""

_OVERHEAD: Final = 256
"""Bytes that a text takes in the ledger besides itself: its result, and Redis's own book-keeping."""


class Chunk(NamedTuple):
    """Neighbouring texts of a job that run together."""

    first: int
    """Index of its first text in the job."""
    tokens: int
    """Estimated work of all its texts."""
    weight: int
    """Bytes that they take in the ledger."""
    texts: tuple[str, ...]

    def encode(self) -> bytes:
        """Write the chunk as JSON."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> "Chunk":
        """Return the chunk that `encode` has written."""
        first, tokens, weight, texts = json.loads(data)
        return cls(first, tokens, weight, tuple(texts))


def weigh(text: str) -> int:
    """Return the bytes that a waiting text and its result take on the broker, roughly."""
    return len(text.encode()) + _OVERHEAD
