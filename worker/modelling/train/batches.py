"""Batches of examples with similar lengths, so that there is little padding."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch

from worker.modelling.train.data import Example

_MOST_TOKENS = 128
_POOL_BATCHES = 100


class Encoded(NamedTuple):
    """One example as token ids."""

    ids: list[int]
    label: int


def encode(examples: Sequence[Example], tokenizer: Any) -> list[Encoded]:
    """Return the token ids of examples, truncated to 128 tokens; SST-2 has no longer ones."""
    return [Encoded(tokenizer(text)["input_ids"][:_MOST_TOKENS], label) for text, label in examples]


def collate(rows: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Make a batch of tensors, padded to its longest row.

    Returns:
        Token ids and attention mask ([rows, tokens]), and labels ([rows]).
    """
    longest = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = torch.tensor(row.ids)
        mask[index, : len(row.ids)] = 1
    return ids, mask, torch.tensor([row.label for row in rows])


def shuffled(rows: Sequence[Encoded], size: int, rng: random.Random) -> Iterator[list[Encoded]]:
    """Yield batches that contain every row once.

    The rows are shuffled, then sorted by length within pools of 100 batches; then the batches are shuffled.
    """
    order = rng.sample(range(len(rows)), len(rows))
    batches = []
    for start in range(0, len(order), size * _POOL_BATCHES):
        pool = sorted(order[start : start + size * _POOL_BATCHES], key=lambda index: len(rows[index].ids))
        batches += [pool[first : first + size] for first in range(0, len(pool), size)]
    rng.shuffle(batches)
    for batch in batches:
        yield [rows[index] for index in batch]
