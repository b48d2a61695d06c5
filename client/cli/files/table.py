"""Rows of a table, of any format."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from client.cli.files.formats import Dialect, Format
from client.models import TextFailure

BLANK: Final = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)
"""Characters of which a cell without a text may consist: the white space of JavaScript, for the page reads alike."""
_ROW_BYTES: Final = 200
"""Bytes of memory that a row takes besides its characters, roughly."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    number: int
    """Its place, from 1."""
    content: list[str] | str
    """Its fields, or its line."""
    text: str | TextFailure
    position: int
    """Bytes of the file that were read when it was."""

    @property
    def weight(self) -> int:
        """Bytes that it takes in memory, roughly."""
        size = len(self.content) if isinstance(self.content, str) else sum(map(len, self.content))
        return _ROW_BYTES + size


@dataclass(frozen=True)
class Table:
    """A file of rows."""

    format: Format
    columns: list[str]
    """Empty where each row has its own."""
    rows: Iterator[Row]
    dialect: Dialect


def text_in(value: Any) -> str | TextFailure:
    """Return the text in a cell, or why there is none."""
    if isinstance(value, str) and value.strip(BLANK):
        return value
    return TextFailure("no-text", "The row has no text.")
