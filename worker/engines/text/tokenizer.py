"""Text to token ids, by the one file that every fast tokenizer is."""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokenizers import Tokenizer

from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS
from worker.engines.base import reason

TOKENIZER_FILE: Final = "tokenizer.json"
_UNIGRAM_UNKNOWN: Final = re.compile(r'"unk_id"\s*:\s*(\d+)')
"""A key of the file; inside a token its quotes would be escaped."""


class Tokens(NamedTuple):
    """The tokens of one text."""

    ids: list[int]
    """Ids of the tokens that the model reads, special ones included."""
    before: int
    """Number of tokens before truncation."""
    unknown: int
    """Number of `ids` that stand for something that the vocabulary lacks."""


class TextTokenizer:
    """The tokenizer of a baked model; it needs no transformers.

    Args:
        model_dir: folder of the baked model.
        max_tokens: longer texts are truncated to this many, special tokens included, at the end that the file says.

    Raises:
        ModelError: its file is missing or cannot be read.
    """

    def __init__(self, model_dir: Path, max_tokens: int = MAX_TOKENS) -> None:
        try:
            content = (model_dir / TOKENIZER_FILE).read_text("utf-8")
            self._tokenizer = Tokenizer.from_str(content)
            direction = (self._tokenizer.truncation or {}).get("direction", "right")
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(max_tokens, direction=direction)
        except Exception as error:  # the library raises no class of its own
            raise ModelError(f"the model in {model_dir} cannot be loaded: {reason(error)}") from error
        self._unknown = _unknown_id(self._tokenizer, content)
        self._special = self._tokenizer.num_special_tokens_to_add(is_pair=False)

    def read(self, text: str) -> Tokens:
        """Tokenize a text."""
        encoding = self._tokenizer.encode(text)
        ids: list[int] = encoding.ids
        cut = sum(len(part) - self._special for part in encoding.overflowing)
        return Tokens(ids, len(ids) + cut, ids.count(self._unknown))

    def ids(self, text: str) -> list[int]:
        """Return the ids of a text's tokens, special ones included."""
        return self.read(text).ids


def _unknown_id(tokenizer: Any, content: str) -> int:
    """Return the id that stands for what the vocabulary lacks; -1 where it can write every text, as bytes do."""
    if hasattr(tokenizer.model, "unk_token"):
        token = tokenizer.model.unk_token
        found = None if token is None else tokenizer.token_to_id(token)
        return -1 if found is None else int(found)
    named = _UNIGRAM_UNKNOWN.search(content)
    return int(named[1]) if named else -1
