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

    def line(self, fields: Sequence[str]) -> str:
        """Return a line; raises as `require`."""
        if self._dialect.quotes:
            fields = [*map(self._enclosed, fields)]
        else:
            self.require(fields)
        return self._dialect.delimiter.join(fields) + self._dialect.end

    def require(self, fields: Sequence[str]) -> None:
        """Refuse fields that the dialect cannot hold.

        Raises:
            CommandError: one needs quotes, and there are none.
        """
        found = None if self._dialect.quotes else next(filter(self._special.search, fields), None)
        if found is not None:
            raise CommandError(f"{found!r} needs quotes, so --no-quotes cannot go with it", Exit.USAGE)

    def sentence(self, text: str) -> str:
        """Return a text as a field; without quotes, a character that would end the field becomes an underscore."""
        return text if self._dialect.quotes else self._special.sub("_", text)

    def _enclosed(self, field: str) -> str:
        return '"' + field.replace('"', '""') + '"' if self._special.search(field) else field
