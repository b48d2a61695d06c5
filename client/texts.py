"""Checks of the arguments that must be texts."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from client.models import TextFailure

K = TypeVar("K")


def require_texts(texts: object) -> None:
    """Refuse an argument that is probably not meant as several texts.

    A text, bytes, a mapping and a table are refused although they can be iterated: they would yield characters,
    numbers, keys or names of columns.

    Raises:
        TypeError: the message explains which object to pass instead.
    """
    kind = type(texts).__name__
    if isinstance(texts, str | bytes | bytearray | memoryview):
        raise TypeError(f"one {kind} was given where texts are expected: put it into a list")
    if isinstance(texts, Mapping):
        raise TypeError(f"a {kind} was given where texts are expected: give its values, or predict_items its items")
    if len(_shape(texts)) > 1:
        raise TypeError(f"a table ({kind}) was given where texts are expected: give one of its columns")
    if not _iterable(texts):
        raise TypeError(f"a {kind} was given where texts are expected: give a list, or anything to iterate over")


def list_of(texts: Iterable[str]) -> list[str]:
    """Return the texts of one request as a list.

    Raises:
        TypeError: the argument is refused by `require_texts`, or one of its items is not a text.
    """
    require_texts(texts)
    found = list(texts)
    for index, text in enumerate(found):
        if not isinstance(text, str):
            raise TypeError(f"item {index} is of type {type(text).__name__}, not a text")
    return found


def require_pairs(pairs: object) -> None:
    """Refuse an argument that cannot contain pairs of an id and a text; raises as `require_texts`."""
    if not isinstance(pairs, Mapping):
        require_texts(pairs)


def pairs_of(pairs: "Iterable[tuple[K, str]] | Mapping[K, str]") -> Iterable[tuple[K, str]]:
    """Yield pairs of an id and a text from an iterable of pairs or from a mapping.

    Raises:
        TypeError: an item is not a pair.
    """
    for index, pair in enumerate(pairs.items() if isinstance(pairs, Mapping) else pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:  # noqa: PLR2004
            raise TypeError(f"item {index} is no pair of an id and a text")
        yield pair[0], pair[1]


def text_of(pair: tuple[Any, Any]) -> str | TextFailure:
    """Return the text of a pair, or the reason why it cannot be sent."""
    if isinstance(pair[1], str):
        return pair[1]
    return TextFailure("no-text", f"The item is of type {type(pair[1]).__name__}, not a text.")


def chars_of(pair: tuple[Any, Any]) -> int:
    """Return the length of a pair's text in characters; 0 if it is not a text."""
    return len(pair[1]) if isinstance(pair[1], str) else 0


def _shape(table: object) -> tuple[object, ...]:
    """Return the dimensions of an object of numpy, pandas or pyarrow; empty for another object."""
    shape = getattr(table, "shape", ())
    return shape if isinstance(shape, tuple) else ()


def _iterable(value: object) -> bool:
    try:
        iter(value)  # type: ignore[call-overload]
    except TypeError:
        return False
    return True
