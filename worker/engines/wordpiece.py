"""Text to token ids, and outputs to a record: the parts of a pass that every engine of ours shares."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tokenizers import Tokenizer

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import TextScores, reason

TOKENIZER_FILE: Final = "tokenizer.json"
UNKNOWN_TOKEN: Final = "[UNK]"  # noqa: S105 - a token of a vocabulary
"""Stands for each word that WordPiece cannot write with its vocabulary."""


class Tokens(NamedTuple):
    """The tokens of one text."""

    ids: list[int]
    """Ids of the tokens that the model reads, special ones included."""
    before: int
    """Number of tokens before truncation."""


class WordPiece:
    """The tokenizer of a baked model; it needs no transformers.

    Args:
        model_dir: folder of the baked model.
        max_tokens: longer texts are truncated to this many, [CLS] and [SEP] included.

    Raises:
        ModelError: its file is missing or cannot be read.
    """

    def __init__(self, model_dir: Path, max_tokens: int = MAX_TOKENS) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(model_dir / TOKENIZER_FILE))
        except Exception as error:  # the library raises no class of its own
            raise ModelError(f"the model in {model_dir} cannot be loaded: {reason(error)}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        unknown = self._tokenizer.token_to_id(UNKNOWN_TOKEN)
        self._unknown = -1 if unknown is None else unknown
        self._special = self._tokenizer.num_special_tokens_to_add(is_pair=False)

    def read(self, text: str) -> Tokens:
        """Tokenize a text."""
        encoding = self._tokenizer.encode(text)
        cut = sum(len(part) - self._special for part in encoding.overflowing)
        return Tokens(encoding.ids, len(encoding) + cut)

    def ids(self, text: str) -> list[int]:
        """Return the ids of a text's tokens, [CLS] first and [SEP] last."""
        return self.read(text).ids

    def record(self, tokens: Tokens, logits: Sequence[float]) -> TextScores:
        """Apply softmax to the outputs of one text, and count its tokens."""
        largest = max(logits)
        exponents = [math.exp(output - largest) for output in logits]
        total = sum(exponents)
        return TextScores(
            scores=tuple(exponent / total for exponent in exponents),
            tokens=len(tokens.ids),
            unknown_tokens=tokens.ids.count(self._unknown),
            tokens_before=tokens.before,
            logits=tuple(logits),
        )
