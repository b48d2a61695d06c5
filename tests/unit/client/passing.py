"""Files of rows, read and written by the command's own parts, without a service."""

import io
from dataclasses import dataclass
from typing import Any

from client.cli.answers import Answers
from client.cli.files.formats import Format
from client.cli.files.rows import Reading, read_table
from client.cli.files.table import Row, Table
from client.cli.files.written import Written
from client.cli.source import Source
from client.models import Outcome, Prediction, TextFailure
from tests.unit.client.trickle import Trickle

ANSWER = Prediction("POSITIVE", 0.75, {"POSITIVE": 0.75, "NEGATIVE": 0.25})
ADDED = ["POSITIVE", "0.75"]
PLAIN = Answers()


@dataclass(frozen=True)
class Read:
    columns: list[str]
    rows: list[Row]

    @property
    def cells(self) -> list[Any]:
        return [row.content for row in self.rows]

    @property
    def texts(self) -> list[str | None]:
        return [None if isinstance(row.text, TextFailure) else row.text for row in self.rows]


def opened(data: bytes, kind: Format, to: Format, *, size: int = 65536, **options: Any) -> Table:
    """Open a file that arrives in pieces of `size` bytes."""
    source = Source(io.BufferedReader(Trickle(data, size)), "input")
    return read_table(source, Reading(kind, **options), to)


def read(data: bytes, kind: Format, **options: Any) -> Read:
    """Read a file to its end."""
    table = opened(data, kind, kind, **options)
    return Read(table.columns, list(table.rows))


def passed(data: bytes, kind: Format, to: Format, *, prefix: str = "", errors: bool = False, **options: Any) -> bytes:
    """Return the output of a file."""
    return answered(opened(data, kind, to, **options), to, prefix=prefix, errors=errors)


def answered(
    table: Table,
    to: Format,
    answers: Answers = PLAIN,
    answer: Prediction = ANSWER,
    *,
    prefix: str = "",
    errors: bool = False,
) -> bytes:
    """Return the output of a table: each text has the same answer."""
    written = Written(table, to, answers, prefix=prefix, errors=errors)
    rows = list(table.rows)
    outcomes: list[Outcome] = [row.text if isinstance(row.text, TextFailure) else answer for row in rows]
    return written.head + written.block(rows, outcomes)
