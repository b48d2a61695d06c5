"""Cutting texts into groups for one request each."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from client.models import Outcome, TextFailure

T = TypeVar("T")

_HEAD: Final = b'{"text":['
_TAIL: Final = b"]}"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a group."""

    texts: int
    """Most texts."""
    chars: int
    """Most characters of one text."""
    body: int
    """Most bytes of the request's body."""
    weight: int | None = None
    """Most bytes of all items together, by the function `weigh` of `cut`; no limit if None."""


@dataclass(slots=True)
class Group(Generic[T]):
    """Consecutive items whose texts are sent in one request."""

    items: list[T] = field(default_factory=list)
    pieces: list[bytes | TextFailure] = field(default_factory=list)
    """For each item, its text as JSON, or the reason why it cannot be sent."""

    @property
    def sent(self) -> list[bytes]:
        """The texts that are sent, as JSON."""
        return [piece for piece in self.pieces if isinstance(piece, bytes)]

    @property
    def body(self) -> bytes:
        """The request's body."""
        return _HEAD + b",".join(self.sent) + _TAIL

    @property
    def digest(self) -> str:
        """A digest of the sent texts in their order."""
        digest = blake2b(digest_size=16)
        for piece in self.sent:
            digest.update(len(piece).to_bytes(8) + piece)
        return digest.hexdigest()

    def fail(self, index: int, failure: TextFailure) -> None:
        """Replace a text by a failure, so that it is not sent.

        Args:
            index: index of the text among the sent ones.
            failure: the reason.
        """
        places = [place for place, piece in enumerate(self.pieces) if isinstance(piece, bytes)]
        self.pieces[places[index]] = failure

    def halves(self) -> "tuple[Group[T], Group[T]]":
        """Return the two halves of the group."""
        middle = len(self.items) // 2
        return (
            Group(self.items[:middle], self.pieces[:middle]),
            Group(self.items[middle:], self.pieces[middle:]),
        )

    def merge(self, answers: Sequence[Outcome]) -> list[Outcome]:
        """Return an outcome for each item: the answers to the sent texts, and the failures of the others."""
        remaining = iter(answers)
        return [piece if isinstance(piece, TextFailure) else next(remaining) for piece in self.pieces]


def encode(text: str | TextFailure, chars: int) -> bytes | TextFailure:
    """Return a text as JSON, or the reason why it cannot be sent.

    Args:
        text: the text, or the reason why there is none.
        chars: most characters of a text.
    """
    if isinstance(text, TextFailure):
        return text
    if len(text) > chars:
        return TextFailure("text-too-long", f"The text has {len(text)} characters; the service takes {chars}.")
    try:
        return json.dumps(text, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return TextFailure("not-unicode", "The text holds half of a surrogate pair, which is no character.")


def cut(
    items: Iterable[T],
    limits: Limits,
    text_of: Callable[[T], str | TextFailure],
    weigh: Callable[[T], int] = lambda _: 0,
) -> Iterator[Group[T]]:
    """Cut items into groups within the limits; an item that exceeds them is a group of its own.

    Args:
        items: the items; they are read when they are needed.
        limits: the limits of a group.
        text_of: returns the text of an item, or the reason why it has none.
        weigh: returns the bytes of an item that count for `Limits.weight`.
    """
    group: Group[T] = Group()
    size = weight = 0
    for item in items:
        piece = encode(text_of(item), limits.chars)
        more, heavier = len(piece) + 1 if isinstance(piece, bytes) else 0, weigh(item)
        full = len(group.items) >= limits.texts or size + more > limits.body - len(_HEAD + _TAIL)
        if group.items and (full or (limits.weight is not None and weight + heavier > limits.weight)):
            yield group
            group, size, weight = Group(), 0, 0
        group.items.append(item)
        group.pieces.append(piece)
        size += more
        weight += heavier
    if group.items:
        yield group
