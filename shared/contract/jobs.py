"""The contract about jobs: the stored form of a chunk, the weight of a text, errors in results."""

import json
from typing import Final, NamedTuple

CRASHED: Final = (
    b'{"error":{"code":"inference-crashed","detail":"The model process died on this text, again and again."}}'
)
"""The result of a text that has ended its process in every try."""

MAX_TRIES: Final = 3
"""Number of tries, runs of a text alone that ended its process, after which the text gets `CRASHED`."""

TRIES_SECONDS: Final = 600
"""Seconds for which the tries of a text are kept."""

_OVERHEAD: Final = 256
"""Bytes that the ledger needs for a text in addition to its own length: its result, and Redis's overhead."""


class Chunk(NamedTuple):
    """Neighbouring texts of a job that run together."""

    first: int
    """Index of its first text in the job."""
    tokens: int
    """Estimated work of all its texts."""
    weight: int
    """Bytes that its texts and their results take in the ledger."""
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
    """Return the approximate number of bytes that a waiting text and its result take on the broker."""
    return len(text.encode()) + _OVERHEAD
