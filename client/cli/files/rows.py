"""Reading rows."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from client.cli.ending import CommandError, Exit
from client.cli.files.columns import USUAL, place_of
from client.cli.files.formats import Dialect, Format
from client.cli.text import LONGEST, Text, bare
from client.models import TextFailure

BLANK: Final = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)
"""Characters of which a cell without a text may consist: the white space of JavaScript, for the page reads alike."""
_DELIMITERS: Final = ";\t|,"
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


def read_table(text: Text, kind: Format, column: str | None, delimiter: str | None, *, quotes: bool) -> Table:
    """Open a file of rows.

    Args:
        text: the file.
        kind: how rows are written.
        column: name or position of the one with the texts; ``text``, or the only one, if None.
        delimiter: between fields; the format's own if None.
        quotes: whether quote marks in CSV and TSV enclose fields.

    Raises:
        CommandError: it has no such column; while it is read, a row cannot be read.
    """
    if kind in {Format.CSV, Format.TSV}:
        return _fields(text, kind, column, delimiter, quotes=quotes)
    lines = text.lines()
    first = next(lines, "")
    dialect = Dialect(kind.delimiter, end=text.end or "\n", mark=text.marked)
    lines = chain([first] if first else [], lines)
    if kind is Format.TXT:
        return Table(kind, [USUAL], _lines(text, lines), dialect)
    return Table(kind, [], _objects(text, lines, column or USUAL), dialect)


def _lines(text: Text, lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(map(bare, lines), 1):
        yield Row(number, [line], _text_in(line), text.position)


def _fields(text: Text, kind: Format, column: str | None, delimiter: str | None, *, quotes: bool) -> Table:
    csv.field_size_limit(LONGEST)
    reader = csv.reader(
        text.lines(),
        delimiter=delimiter or kind.delimiter,
        quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        strict=True,
    )
    records = _records(reader, text.name)
    header = next(records, None)
    if header is None:
        raise CommandError(f"{text.name} is empty: it has no line that names the columns", Exit.USAGE)
    if delimiter is None:
        _require_split(header, kind, text.name)
    place = place_of(header, column, text.name)

    def rows() -> Iterator[Row]:
        for number, fields in enumerate(records, 1):
            if len(fields) != len(header):
                raise CommandError(
                    f"{text.name}, line {reader.line_num}: {len(fields)} fields where the first line has {len(header)}"
                )
            yield Row(number, fields, _text_in(fields[place]), text.position)

    return Table(kind, header, rows(), Dialect(delimiter or kind.delimiter, quotes, text.end or "\n", text.marked))


def _records(reader: Any, name: str) -> Iterator[list[str]]:
    """Give records; blank lines are none."""
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise CommandError(
                f"{name}, line {reader.line_num}: {error} (--no-quotes takes quote marks as they are)"
            ) from None
        if fields is None:
            return
        if fields:
            yield fields


def _require_split(header: list[str], kind: Format, name: str) -> None:
    """Refuse a table that seems to be cut by another character: its whole lines would be taken for texts.

    Raises:
        CommandError: its only column's name holds such a character.
    """
    found = next((character for character in _DELIMITERS if len(header) == 1 and character in header[0]), None)
    if found:
        say, own = ("\\t" if character == "\t" else character for character in (found, kind.delimiter))
        raise CommandError(
            f"{name} has one column, {header[0]!r}: say --delimiter '{say}' if that divides it, "
            f"--delimiter '{own}' if it is one column",
            Exit.USAGE,
        )


def _objects(text: Text, lines: Iterator[str], column: str) -> Iterator[Row]:
    numbered = ((number, line.strip()) for number, line in enumerate(lines, 1))
    numbers = (entry for entry in numbered if entry[1])
    first = next(numbers, None)
    if first is None:
        return
    for place, (line_number, line) in enumerate(chain([first], numbers), 1):
        try:
            document = json.loads(line, parse_int=str, parse_float=str)  # a number is a text as it is written
        except (ValueError, RecursionError):
            raise CommandError(f"{text.name}, line {line_number}: not JSON") from None
        if not isinstance(document, dict):
            raise CommandError(f"{text.name}, line {line_number}: not a JSON object")
        if place == 1 and column not in document:
            names = ", ".join(map(repr, document)) or "none"
            raise CommandError(f"{text.name} has no key {column!r} in its first line; it has {names}", Exit.USAGE)
        yield Row(place, line, _text_in(document.get(column)), text.position)


def _text_in(value: Any) -> str | TextFailure:
    if isinstance(value, str) and value.strip(BLANK):
        return value
    return TextFailure("no-text", "The row has no text.")
