"""Standard streams, which may be closed, full, not blocking, unbuffered, or of another encoding."""

import io
import os
import sys
from contextlib import suppress
from typing import BinaryIO, Final

_WRONG_WAY: Final = (os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)
"""Ways in which the null device takes the place of closed streams: stdin and stdout fail when they are used."""


class _Messages(io.FileIO):
    """The file of stderr: a message that cannot be written is lost, and nothing else."""

    def write(self, data: object) -> int:
        """Write, or seem to."""
        view = memoryview(data)  # type: ignore[arg-type]
        with suppress(OSError):
            return super().write(view)
        return view.nbytes


def prepare() -> None:
    """Make the streams of this process UTF-8, buffered, and whole; a later file never gets the number of one.

    A stdout that was closed fails with an OSError at the first write, as a full one does.
    """
    for number, flags in enumerate(_WRONG_WAY):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # takes the lowest number that is free
        with suppress(OSError, AttributeError):  # reading nothing yet would look like the end of the input
            os.set_blocking(number, True)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115 - no path
    sys.stdout = _text(open(1, "wb", closefd=False), by_line=os.isatty(1))  # noqa: SIM115
    sys.stderr = _text(io.BufferedWriter(_Messages(2, "wb", closefd=False)), by_line=True)


def drop_output() -> None:
    """Forget output that is left: Python would try again, and complain, when it ends."""
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - until the process has ended


def _text(stream: BinaryIO, *, by_line: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", line_buffering=by_line)
