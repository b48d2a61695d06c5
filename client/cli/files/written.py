"""Writing of rows with their labels and scores."""

import json
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from client.cli.answers import Answers
from client.cli.files.columns import require_distinct
from client.cli.files.delimited import Fields
from client.cli.files.formats import Format
from client.cli.files.ndjson import keys
from client.cli.files.table import Row, Table
from client.cli.process.ending import CommandError, Exit
from client.models import Outcome, TextFailure

_ERROR: Final = "error"


class Written:
    """Makes the bytes of the output, in UTF-8, with the line ends and the byte order mark of the input.

    Args:
        table: what is read.
        kind: how rows are written.
        answers: the columns that are added.
        prefix: stands before the names of the new columns.
        errors: whether there is a column for errors; NDJSON has its key in rows that failed.
    """

    def __init__(self, table: Table, kind: Format, answers: Answers, *, prefix: str, errors: bool) -> None:
        self._kind = kind
        self._answers = answers
        self.wanted = answers.wanted
        """The parts of each answer that are written."""
        self._columns = table.columns
        dialect = table.dialect
        if kind is not table.format:
            end = "\n" if kind is Format.NDJSON else dialect.end
            dialect = replace(dialect, delimiter=kind.delimiter, quotes=True, end=end)
        self._dialect = dialect
        self._fields = Fields(dialect)
        self._prefix = prefix
        self._error = prefix + _ERROR
        self._errors = errors
        names = answers.keys if kind is Format.NDJSON else answers.columns
        self.added = [*(prefix + name for name in names), *([self._error] if errors else [])]
        self._require_free(table.columns)
        self._fields.require([*self.added, *answers.card.labels])
        if kind is Format.NDJSON:
            require_distinct(table.columns)

    @property
    def head(self) -> bytes:
        """The part of a file before its rows."""
        if self._kind is Format.NDJSON:
            return b""
        return (BOM_UTF8 if self._dialect.mark else b"") + self._fields.line([*self._columns, *self.added]).encode()

    def block(self, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> bytes:
        """Return rows with their outcomes."""
        line = self._object if self._kind is Format.NDJSON else self._line
        return "".join(map(line, rows, outcomes)).encode()

    def _line(self, row: Row, outcome: Outcome) -> str:
        if isinstance(outcome, TextFailure):
            cells, error = [""] * len(self._answers.columns), f"{outcome.code}: {outcome.detail}"
        else:
            cells, error = self._answers.cells(outcome), ""
        return self._fields.line([*row.content, *cells, *([self._fields.sentence(error)] if self._errors else [])])

    def _object(self, row: Row, outcome: Outcome) -> str:
        """Put the new keys at the end of the row's own text, which stays as it is."""
        added: dict[str, Any]
        if isinstance(outcome, TextFailure):
            added = {self._error: {"code": outcome.code, "detail": outcome.detail}}
        else:
            added = {self._prefix + name: value for name, value in self._answers.members(outcome).items()}
        tail = json.dumps(added)[1:]
        if isinstance(row.content, list):
            fields = dict(zip(self._columns, row.content, strict=True))
            return f"{json.dumps(fields, ensure_ascii=False)[:-1]}, {tail}{self._dialect.end}"
        if not self._columns:
            self._require_free(keys(row.content))
        begun = row.content[:-1].rstrip()
        return f"{begun}{', ' if begun != '{' else ''}{tail}{self._dialect.end}"

    def _require_free(self, columns: Sequence[str]) -> None:
        taken = [name for name in (*self.added, self._error) if name in columns]
        taken = [name for name in taken if name != self._error or self._errors or self._kind is Format.NDJSON]
        if taken:
            raise CommandError(
                f"there is a column {taken[0]!r} already; --prefix predicted_ would name the new ones "
                f"predicted_label and predicted_score",
                Exit.USAGE,
            )
