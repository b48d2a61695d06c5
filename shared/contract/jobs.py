"""The contract about jobs: the stored form of a chunk, the weight of a text, errors in results."""

import json
from typing import Final, NamedTuple

from shared.contract.card import ModelCard
from shared.contract.record import record_bytes

CRASHED: Final = (
    b'{"error":{"code":"inference-crashed","detail":"The model process died on this text, again and again."}}'
)
"""The result of a text that has ended its process in every try."""

MAX_TRIES: Final = 3
"""Number of tries, runs of a text alone that ended its process, after which the text gets `CRASHED`."""

TRIES_SECONDS: Final = 600
"""Seconds for which the tries of a text are kept."""

_REDIS_BYTES: Final = 64
"""Bytes that Redis needs for a result in addition to its own length."""
_LEAST_BYTES: Final = 256
"""Bytes that are counted for a result at least."""


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


def result_bytes(card: ModelCard) -> int:
    """Return the bytes that are counted for a text's result in the ledger."""
    return max(_LEAST_BYTES, record_bytes(card) + _REDIS_BYTES)
