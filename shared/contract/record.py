"""The record of a text's answer: the answer's bytes, and facts of its forward pass, in one value of the cache.

A record is a head, whose first byte is the number of its form, and the body. The API sends bodies to clients, and
decodes a head only if a request asks for its facts. Another form gets another number, which is also in the key of every
text, so releases with different forms share no cached answers, claims or flights.
"""

from struct import Struct, pack, unpack_from
from typing import Final, NamedTuple

from shared.contract.card import ModelCard
from shared.contract.tokens import SPECIAL_TOKENS

FORM: Final = 2
"""The form of this release. In form 1, that of releases without facts, a record is its body alone."""
_HEAD: Final = Struct("<BHHIII")
"""Form, number of logits, index of the top label, tokens, tokens before truncation, unknown tokens; logits follow."""
_TOKENS, _TOKENS_BEFORE, _UNKNOWN_TOKENS = slice(5, 9), slice(9, 13), slice(13, 17)
"""Places of the counts in a head."""
_NONE: Final = (bytes(4), b"")
_LOGIT_BYTES: Final = 4
_UNKNOWN: Final = 2**32 - 1
"""Value of a count that the engine does not tell."""


class Facts(NamedTuple):
    """Facts of one text's forward pass. A count is None where the engine does not tell it."""

    top: int
    """Index of the label with the highest score, in the order of the model's labels."""
    tokens: int | None = None
    """Tokens that the model read, special ones included."""
    tokens_before: int | None = None
    """Tokens of the whole text, before truncation."""
    unknown: int | None = None
    """Tokens of those read that the vocabulary lacks."""
    logits: tuple[float, ...] = ()
    """The model's outputs before the activation, as float32 in the order of its labels; empty if not told."""

    @property
    def truncated(self) -> bool | None:
        """Whether the model did not read the whole text; None if unknown."""
        if self.tokens is None or self.tokens_before is None:
            return None
        return self.tokens_before > self.tokens

    @property
    def unknown_share(self) -> float | None:
        """Share of the read tokens, special ones excluded, that the vocabulary lacks, 0 to 1; None if unknown."""
        if self.tokens is None or self.unknown is None:
            return None
        return min(1.0, self.unknown / max(1, self.tokens - SPECIAL_TOKENS))

    def encode(self) -> bytes:
        """Write the head of a record.

        Raises:
            struct.error, OverflowError: a number is out of range.
        """
        counts = (_UNKNOWN if count is None else count for count in self[1:4])
        size = len(self.logits)
        return _HEAD.pack(FORM, size, self.top, *counts) + pack(f"<{size}f", *self.logits)

    @classmethod
    def decode(cls, head: bytes) -> "Facts":
        """Read the head of a record.

        Raises:
            ValueError: the bytes are no head of this form.
        """
        if len(head) != _head_bytes(head):
            raise ValueError("not the head of a record")
        _, size, top, *counts = _HEAD.unpack_from(head)
        tokens, before, unknown = (None if count == _UNKNOWN else count for count in counts)
        return cls(top, tokens, before, unknown, unpack_from(f"<{size}f", head, _HEAD.size))


class Record(NamedTuple):
    """One text's answer."""

    body: bytes
    """A prediction as JSON (`shared.contract.predictions`), or an error."""
    head: bytes = b""
    """The encoded `Facts`; empty for an error, and for an answer of a worker of an earlier release."""

    @property
    def facts(self) -> Facts | None:
        """Decode the head; None if the record has none of this form."""
        try:
            return Facts.decode(self.head)
        except ValueError:
            return None

    @property
    def tokens(self) -> int:
        """Tokens that the model has read, without decoding the other facts; 0 if unknown."""
        count = int.from_bytes(self.head[_TOKENS], "little")
        return 0 if count == _UNKNOWN else count

    @property
    def doubtful(self) -> bool:
        """Whether facts may tell of truncation or unknown tokens; only if not, each of the counts says the opposite."""
        head = self.head
        return head[_TOKENS] != head[_TOKENS_BEFORE] or head[_UNKNOWN_TOKENS] not in _NONE

    def encode(self) -> bytes:
        """Write head and body."""
        return self.head + self.body

    @classmethod
    def decode(cls, data: bytes) -> "Record":
        """Read a record of this form or of form 1; the body's JSON is not parsed.

        Raises:
            ValueError: the bytes are of another form.
        """
        if data[:1] in {b"[", b"{"}:
            return cls(data)
        end = _head_bytes(data)
        if data[end : end + 1] != b"[" or data[-1:] != b"]":
            raise ValueError("not a record")
        return cls(data[end:], data[:end])

    @classmethod
    def stored(cls, value: object) -> "Record | None":
        """Read a value of the cache; None if there is none, or none of this form."""
        try:
            record = cls.decode(value) if isinstance(value, bytes) else None
        except ValueError:
            return None
        return record if record and record.head else None


def record_bytes(card: ModelCard) -> int:
    """Return the most bytes of a record of a model's answers."""
    return _HEAD.size + _LOGIT_BYTES * len(card.labels) + card.answer_bytes


def _head_bytes(data: bytes) -> int:
    """Return the length of the head with which data begins.

    Raises:
        ValueError: it does not begin with a head of this form.
    """
    if len(data) < _HEAD.size or data[0] != FORM:
        raise ValueError("not a record of this form")
    _, size, top, *_ = _HEAD.unpack_from(data)
    end = _HEAD.size + _LOGIT_BYTES * int(size)
    if len(data) < end or (size and top >= size):
        raise ValueError("not the head of a record")
    return end
