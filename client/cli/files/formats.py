"""Which forms a file of rows may have."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from client.cli.ending import CommandError, Exit


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    TSV = "tsv"
    TXT = "txt"
    """A text a line."""
    NDJSON = "ndjson"
    """A JSON object a line."""

    @property
    def delimiter(self) -> str:
        """The delimiter between two fields."""
        return "\t" if self is Format.TSV else ","


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of one file are written."""

    delimiter: str
    quotes: bool = True
    """Whether quote marks enclose fields."""
    end: str = "\n"
    """Of a line."""
    mark: bool = False
    """Whether the file begins with a byte order mark."""


_BY_SUFFIX: Final = {
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".txt": Format.TXT,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
}


def input_format(given: str | None, name: str) -> Format:
    """Choose the format of the input.

    Raises:
        CommandError: its name does not tell.
    """
    found = Format(given) if given else _BY_SUFFIX.get(Path(name).suffix.lower())
    if found is None:
        raise CommandError(f"{name}: say what it is with --format csv, tsv, txt or ndjson", Exit.USAGE)
    return found


def output_format(given: str | None, name: str, source: Format) -> Format:
    """Choose the format of the output: as it is asked for, as its name says, or like the input's.

    Raises:
        CommandError: the input's rows cannot be written so.
    """
    found = Format(given) if given else _BY_SUFFIX.get(Path(name).suffix.lower(), source)
    if found is Format.TXT:
        found = Format.TSV if source is Format.TSV else Format.CSV
    if source is Format.NDJSON and found is not Format.NDJSON:
        raise CommandError("rows of NDJSON need not have the same keys, so they are written as NDJSON only", Exit.USAGE)
    return found
