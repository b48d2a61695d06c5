"""The forms that a file of rows may have, and their names."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from client.cli.process.ending import CommandError, Exit
from client.cli.source import packed


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    TSV = "tsv"
    TXT = "txt"
    """A text a line."""
    NDJSON = "ndjson"
    """A JSON object a line."""
    PARQUET = "parquet"
    """Read, not written."""

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
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
}
_SHEET: Final = "a spreadsheet: save it as CSV in UTF-8 with the program that shows it"
_PACKED: Final = "packed in a way that is not read: unpack it, or pack it with gzip"
_OTHERS: Final = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"), _SHEET),
    **dict.fromkeys((".zip", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz"), _PACKED),
    ".json": "one JSON document, and an object a line is read: jq -c '.[]' makes that of a list",
}


def input_format(given: str | None, name: str) -> Format:
    """Choose the format of the input.

    Raises:
        CommandError: its name does not tell.
    """
    if given:
        return Format(given)
    suffix = _suffix(name)
    if suffix in _OTHERS:
        raise CommandError(f"{name} is {_OTHERS[suffix]}", Exit.USAGE)
    if suffix not in _BY_SUFFIX:
        raise CommandError(f"{name}: say with --format {', '.join(Format)} in which form it is", Exit.USAGE)
    return _BY_SUFFIX[suffix]


def output_format(given: str | None, name: str, source: Format) -> Format:
    """Choose the format of the output: as it is asked for, as its name says, or like the input's.

    Raises:
        CommandError: the input's rows cannot be written so.
    """
    suffix = _suffix(name)
    if not given and (suffix in _OTHERS or _BY_SUFFIX.get(suffix) is Format.PARQUET):
        raise CommandError(f"{name}: csv, tsv and ndjson are written, each also as .gz", Exit.USAGE)
    found = Format(given) if given else _BY_SUFFIX.get(suffix, source)
    if found in {Format.TXT, Format.PARQUET}:
        found = Format.TSV if source is Format.TSV else Format.CSV
    if source is Format.NDJSON and found is not Format.NDJSON:
        raise CommandError("rows of NDJSON need not have the same keys, so they are written as NDJSON only", Exit.USAGE)
    return found


def _suffix(name: str) -> str:
    path = Path(name)
    return (path.with_suffix("") if packed(name) else path).suffix.lower()
