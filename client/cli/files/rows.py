"""Reading rows."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from client.cli.files.columns import USUAL, place_of
from client.cli.files.formats import Dialect, Format
from client.cli.files.ndjson import objects
from client.cli.files.parquet import parquet
from client.cli.files.table import Row, Table, text_in
from client.cli.process.ending import CommandError, Exit
from client.cli.source import Source
from client.cli.text import LONGEST, Text, bare

_DELIMITERS: Final = ";\t|,"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file."""

    kind: Format
    column: str | None = None
    """Name or position of the column with the texts; ``text``, or the only one, if None."""
    encoding: str | None = None
    delimiter: str | None = None
    """Between fields; the format's own if None."""
    quotes: bool = True
    """Whether quote marks in CSV and TSV enclose fields."""


def read_table(source: Source, reading: Reading, to: Format) -> Table:
    """Open a file of rows.

    Args:
        source: the file.
        reading: how.
        to: the format in which its rows will be written.

    Raises:
        CommandError: it has no such column; while it is read, a row cannot be read.
    """
    if reading.kind is Format.PARQUET:
        return parquet(source, reading.column, as_objects=to is Format.NDJSON)
    text = Text(source, reading.encoding)
    if reading.kind in {Format.CSV, Format.TSV}:
        return _fields(text, reading)
    lines = text.lines()
    first = next(lines, "")
    dialect = Dialect(reading.kind.delimiter, end=text.end or "\n", mark=text.marked)
    lines = chain([first] if first else [], lines)
    if reading.kind is Format.TXT:
        return Table(Format.TXT, [USUAL], _lines(text, lines), dialect)
    column = USUAL if reading.column is None else reading.column
    return Table(Format.NDJSON, [], objects(text, lines, column), dialect)


def _lines(text: Text, lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(map(bare, lines), 1):
        yield Row(number, [line], text_in(line), text.position)


def _fields(text: Text, reading: Reading) -> Table:
    csv.field_size_limit(LONGEST)
    delimiter = reading.delimiter or reading.kind.delimiter
    reader = csv.reader(
        text.lines(),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if reading.quotes else csv.QUOTE_NONE,
        strict=True,
    )
    records = _records(reader, text.name)
    header = next(records, None)
    if header is None:
        raise CommandError(f"{text.name} is empty: it has no line that names the columns", Exit.USAGE)
    if reading.delimiter is None:
        _require_split(header, reading.kind, text.name)
    place = place_of(header, reading.column, text.name)

    def rows() -> Iterator[Row]:
        for number, fields in enumerate(records, 1):
            if len(fields) != len(header):
                raise CommandError(
                    f"{text.name}, line {reader.line_num}: {len(fields)} fields where the first line has {len(header)}"
                )
            yield Row(number, fields, text_in(fields[place]), text.position)

    dialect = Dialect(delimiter, reading.quotes, text.end or "\n", text.marked)
    return Table(reading.kind, header, rows(), dialect)


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
