"""Estimate of a text's work in tokens, without a tokenizer; admission, chunks and Retry-After use it."""

import re
from typing import Final, NamedTuple

from shared.contract.names import MAX_TOKENS

SPECIAL_TOKENS = 2
"""Tokens that every model of this product adds to a text, such as [CLS] and [SEP]."""
_PASS = 6  # the fixed cost of a forward pass, in tokens: 8 tokens cost 4.5 ms where 64 cost 19 and 128 cost 40
_IDEOGRAPH_BYTES: Final = 3
_PIECE = re.compile(r"[^\W_]+|[^\w\s]|_")
"""A word or a punctuation mark."""
_ASCII = "".join(map(chr, range(128)))
_WORDS = bytes(ord(char if char.isalnum() else " ") for char in _ASCII).ljust(256)
"""Translates ASCII: letters and digits stay, all others become spaces."""
_NO_MARKS = bytes(ord(char) for char in _ASCII if char.isalnum() or char.isspace())
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""A Chinese character in UTF-8 of three bytes."""


class Cost(NamedTuple):
    """The numbers by which a model's work for a text is estimated. The defaults are those of an English BERT."""

    max_tokens: int = MAX_TOKENS
    """Longer texts are truncated to this many tokens."""
    bytes_per_token: float = 4.0
    """Bytes of UTF-8 of ordinary text that make one token; Chinese characters do not count."""
    ideograph_tokens: float = 1.0
    """Tokens that one Chinese character makes."""
    attention_tokens: int = 0
    """Number of tokens of a text at which attention, which grows with its square, costs as much as all else; 0 if
    that is not known, and attention is left out."""

    def estimate(self, text: str) -> int:
        """Estimate the cost of one forward pass over a text, in tokens.

        Every word and every punctuation mark costs at least one token. Long words cost as many as their bytes make.

        Returns:
            At least 8; the fixed cost of a pass is included.
        """
        room = self.max_tokens - SPECIAL_TOKENS
        pieces = 0
        if len(text) < room * self.bytes_per_token:
            pieces = _pieces(text)
        tokens = SPECIAL_TOKENS + min(room, max(pieces, self._by_length(text)))
        attention = tokens * tokens // self.attention_tokens if self.attention_tokens else 0
        return _PASS + tokens + attention

    def _by_length(self, text: str) -> int:
        if text.isascii():
            return int(len(text) / self.bytes_per_token)
        ideographs = len(_IDEOGRAPH.findall(text))
        others = len(text.encode()) - _IDEOGRAPH_BYTES * ideographs
        return int(others / self.bytes_per_token + ideographs * self.ideograph_tokens)


def _pieces(text: str) -> int:
    """Count words and punctuation marks; in ASCII without a regular expression, which takes five times as long."""
    if not text.isascii():
        return len(_PIECE.findall(text))
    data = text.encode()
    marks = len(data.translate(None, _NO_MARKS))
    return marks + len(data.translate(_WORDS).split())
