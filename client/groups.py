"""Cutting texts into groups that one request can carry."""

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
    """The most that a group may hold."""

    texts: int
    chars: int
    """In one text."""
    body: int
    """Bytes of the request's body."""
    weight: int | None = None
    """Most bytes of all items together, whatever their texts; no limit if None."""


@dataclass(slots=True)
class Group(Generic[T]):
    """Neighbouring items whose texts travel together."""

    items: list[T] = field(default_factory=list)
    pieces: list[bytes | TextFailure] = field(default_factory=list)
    """For each item, its text as JSON, or why it cannot be sent."""

    @property
    def sent(self) -> list[bytes]:
        """The text that is sent."""
        return [piece for piece in self.pieces if isinstance(piece, bytes)]

    @property
    def body(self) -> bytes:
        """The request's body."""
        return _HEAD + b",".join(self.sent) + _TAIL

    @property
    def digest(self) -> str:
        """A name for what travels: the same for the same texts in the same order."""
        digest = blake2b(digest_size=16)
        for piece in self.sent:
            digest.update(len(piece).to_bytes(8) + piece)
        return digest.hexdigest()

    def fail(self, index: int, failure: TextFailure) -> None:
        """Take out a text: the one at this place of what travels."""
        places = [place for place, piece in enumerate(self.pieces) if isinstance(piece, bytes)]
        self.pieces[places[index]] = failure

    def halves(self) -> "tuple[Group[T], Group[T]]":
        """Cut in two."""
        middle = len(self.items) // 2
        return (
            Group(self.items[:middle], self.pieces[:middle]),
            Group(self.items[middle:], self.pieces[middle:]),
        )

    def merge(self, answers: Sequence[Outcome]) -> list[Outcome]:
        """Put the answers to what travelled in their places."""
        remaining = iter(answers)
        return [piece if isinstance(piece, TextFailure) else next(remaining) for piece in self.pieces]


def encode(text: str | TextFailure, chars: int) -> bytes | TextFailure:
    """Write a text as JSON, or say why it cannot be sent.

    Args:
        text: the text, or why there is none.
        chars: most characters that it may have.
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
    """Cut items into groups within the limits; an item too large for them is a group of its own.

    Args:
        items: read as they are needed.
        limits: see there.
        text_of: an item's text, or why it has none.
        weigh: an item's share of `Limits.weight`.
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
