"""Reading lines of JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from client.cli.files.table import BLANK, Row, text_in
from client.cli.process.ending import CommandError, Exit
from client.cli.text import Text

_SPACE: Final = " \t\r\n"
"""White space by JSON's grammar."""
_VALUE: Final = "text"
"""The key of a line's value that is no object."""
_MISSING: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b')
"""Matches strings, so that nothing inside them is found, and the words for missing values that Python writes."""


def objects(text: Text, lines: Iterator[str], column: str) -> Iterator[Row]:
    """Give rows; a value that is no object is a row with this value alone, as a text if it is one.

    Args:
        text: the file.
        lines: its lines.
        column: the key of the texts.

    Raises:
        CommandError: a line is not JSON, or the first one has no such key.
    """
    place = 0
    for number, line in enumerate(lines, 1):
        if not line.strip(BLANK):
            continue
        place += 1
        content, document = _read(line.strip(_SPACE), f"{text.name}, line {number}")
        if not isinstance(document, dict):
            content, value = f'{{"{_VALUE}": {content}}}', document
        elif place == 1 and column not in document:
            names = ", ".join(map(repr, document)) or "none"
            raise CommandError(f"{text.name} has no key {column!r} in its first line; it has {names}", Exit.USAGE)
        else:
            value = document.get(column)
        yield Row(place, content, text_in(value), text.position)


def keys(line: str) -> list[str]:
    """Return the keys of a row."""
    return list(json.loads(line, parse_int=str))


def _read(line: str, where: str) -> tuple[str, Any]:
    """Return a line as strict JSON, with null where a value is missing, and the value; a number as it is written."""
    for write in (str, _without_missing):
        strict = write(line)
        try:
            return strict, json.loads(strict, parse_int=str, parse_float=str, parse_constant=_refuse)
        except (ValueError, RecursionError):
            continue
    raise CommandError(f"{where}: not JSON")


def _without_missing(line: str) -> str:
    return _MISSING.sub(lambda found: found[0] if found[0].startswith('"') else "null", line)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
