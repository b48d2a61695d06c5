"""Columns of a table by name or position."""

from collections.abc import Sequence

from client.cli.process.ending import CommandError, Exit

USUAL = "text"
"""The column with the texts, if nobody says otherwise."""


def place_of(header: Sequence[str], column: str | None, name: str) -> int:
    """Find the column with the texts.

    Args:
        header: names of all columns.
        column: its name, or its position from 1 where none has that name; the usual one, or the only one, if None.
        name: of the file, for errors.

    Raises:
        CommandError: there is none, or several.
    """
    if column is None and len(header) == 1:
        return 0
    wanted = USUAL if column is None else column
    found = _positions(header, wanted)
    if not found:
        position = next((place for place in range(1, len(header) + 1) if str(place) == column), None)
        if position is None:
            raise CommandError(f"{name} has no column {wanted!r}; it has {', '.join(map(repr, header))}", Exit.USAGE)
        return position - 1
    if len(found) > 1:
        raise CommandError(f"{name}: {_same(found, wanted)}: say --column {_listed(found, 'or')}", Exit.USAGE)
    return found[0] - 1


def require_distinct(header: Sequence[str]) -> None:
    """Refuse columns of one name, of which a JSON object would keep the last one alone.

    Raises:
        CommandError: it names their positions.
    """
    if len(set(header)) < len(header):
        found = next(places for name in header if len(places := _positions(header, name)) > 1)
        column = header[found[0] - 1]
        raise CommandError(f"{_same(found, column)}, and a JSON object has a key once: write csv", Exit.USAGE)


def _positions(header: Sequence[str], column: str) -> list[int]:
    return [position for position, name in enumerate(header, 1) if name == column]


def _same(positions: Sequence[int], column: str) -> str:
    return f"columns {_listed(positions, 'and')} have one name, {column!r}"


def _listed(positions: Sequence[int], word: str) -> str:
    *others, last = map(str, positions)
    return f"{', '.join(others)} {word} {last}"
