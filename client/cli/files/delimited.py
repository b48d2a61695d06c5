"""Writing delimited text."""

import re
from collections.abc import Sequence
from typing import Final

from client.cli.files.formats import Dialect
from client.cli.process.ending import CommandError, Exit

_OF_SCORES: Final = "0123456789.e+-"


class Fields:
    """Makes lines of fields.

    Whatever `csv` of some version of Python would leave bare, a field with a delimiter, a quote mark or a part of a
    line end is enclosed, and one that begins with a byte order mark, which would be lost at the head of a file.

    Args:
        dialect: how the table is written.

    Raises:
        CommandError: scores could not be told from delimiters.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        delimiter = re.escape(dialect.delimiter)
        self._special = re.compile(f'[{delimiter}"\r\n]|^\ufeff' if dialect.quotes else f"[{delimiter}\r\n]")
        if not dialect.quotes and dialect.delimiter in _OF_SCORES:
            raise CommandError(f"scores may hold {dialect.delimiter!r}, so --no-quotes cannot go with it", Exit.USAGE)

    def line(self, own: Sequence[str], added: Sequence[str]) -> str:
        """Return a line.

        Args:
            own: the fields of the input, which its dialect can hold.
            added: others; without quotes, a character that would end one becomes an underscore.
        """
        if self._dialect.quotes:
            cells = [self._enclosed(field) for field in (*own, *added)]
        else:
            cells = [*own, *(self._special.sub("_", field) for field in added)]
        return self._dialect.delimiter.join(cells) + self._dialect.end

    def _enclosed(self, field: str) -> str:
        return '"' + field.replace('"', '""') + '"' if self._special.search(field) else field
