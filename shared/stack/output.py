"""The lines of several processes in one stream, each line with the name of its part as prefix."""

import os
import sys
from collections import deque
from typing import Final, TextIO

_COLOURS: Final = (36, 33, 32, 35, 34, 31)
_KEPT: Final = 20


class Output:
    """Writes lines with a prefix.

    Args:
        stream: the stream to write to.
        names: names of the parts, for the width of the prefix.
        quiet: whether the lines of parts are only kept for `tail` and not written.
    """

    def __init__(self, stream: TextIO, names: list[str], *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._gone = False
        self._width = max(len(name) for name in [*names, "stack"])
        self._kept: dict[str, deque[str]] = {}
        colourful = stream.isatty() and "NO_COLOR" not in os.environ
        self._colours = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)} if colourful else {}

    def line(self, part: str, text: str) -> None:
        """Write one line of a part."""
        self._kept.setdefault(part, deque(maxlen=_KEPT)).append(text)
        if not self._quiet:
            self._write(f"{self._prefix(part)} {text}")

    def say(self, text: str) -> None:
        """Write a line of the launcher itself."""
        self._write(f"{self._prefix('stack')} {text}")

    def block(self, text: str) -> None:
        """Write lines without a prefix."""
        self._write(text)

    def tail(self, part: str) -> list[str]:
        """Return the last lines of a part, at most 20."""
        return list(self._kept.get(part, ()))

    def _prefix(self, part: str) -> str:
        name = f"{part:<{self._width}} |"
        return f"\x1b[{self._colours[part]}m{name}\x1b[0m" if part in self._colours else name

    def _write(self, text: str) -> None:
        if self._gone:
            return
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._gone = True  # the reader or the terminal is closed; the parts continue to run


def standard_output(names: list[str], *, quiet: bool = False) -> Output:
    """Return an output that writes to this process's standard output."""
    return Output(sys.stdout, names, quiet=quiet)
