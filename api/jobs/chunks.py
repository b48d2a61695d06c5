"""Cutting a job's texts into chunks, with pauses for other requests."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from shared.broker.fleet import Fleet
from shared.contract.jobs import Chunk
from shared.contract.names import Lane
from shared.contract.tokens import Cost

_SLICE_CHARS: Final = 10_000
"""Characters of text, about a millisecond of work, after which other requests may run."""
_CAUTION: Final = 0.8
_MOST_TOKENS: Final = 4096
_UNKNOWN_TOKENS: Final = 128
"""Limit of a chunk while no live process has announced its pace."""


def chunk_limit(fleet: Fleet, seconds: float) -> int:
    """Return the most estimated tokens of a chunk, so that the slowest live process takes at most `seconds` for it.

    Args:
        fleet: the last known fleet.
        seconds: the setting ``chunk_seconds``.
    """
    rates = [worker.rate for worker in fleet.serving(Lane.BULK) if worker.rate]
    if not rates:
        return _UNKNOWN_TOKENS
    return max(1, min(_MOST_TOKENS, int(min(rates) * seconds * _CAUTION)))


async def cut(texts: Sequence[str], most: int, cost: Cost, result_bytes: int) -> AsyncIterator[Chunk]:
    """Cut texts into chunks; a text with more than `most` tokens is a chunk of its own.

    Args:
        texts: the texts of a job.
        most: most estimated tokens of a chunk.
        cost: estimates the work for a text.
        result_bytes: bytes that are counted for the result of a text.
    """
    chunk: list[str] = []
    first = tokens = weight = chars = 0
    for index, text in enumerate(texts):
        chars += len(text) + 1
        if chars > _SLICE_CHARS:
            chars = 0
            await asyncio.sleep(0)
        need = cost.estimate(text)
        if chunk and tokens + need > most:
            yield Chunk(first, tokens, weight, tuple(chunk))
            chunk, first, tokens, weight = [], index, 0, 0
        chunk.append(text)
        tokens += need
        weight += len(text.encode()) + result_bytes
    if chunk:
        yield Chunk(first, tokens, weight, tuple(chunk))
