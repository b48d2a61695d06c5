"""Bytes of a file or of stdin."""

import gzip
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final, cast

from client.cli.process.ending import CommandError, Exit

_CHUNK: Final = 64 * 1024


def packed(name: str) -> bool:
    """Whether a file of this name is packed by gzip."""
    return name.lower().endswith(".gz")


class Source:
    """An input, read once; one that is packed by gzip, as its name says, is unpacked.

    Args:
        file: the file.
        name: for errors.
    """

    def __init__(self, file: BufferedReader, name: str) -> None:
        self.file = file
        self.name = name
        self.position = 0
        """Bytes of the file that were read, where its size is known."""
        self._data = gzip.GzipFile(fileobj=file) if packed(name) else file

    @property
    def size(self) -> int | None:
        """Bytes of the file; None where that is not known."""
        status = os.fstat(self.file.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def read(self) -> bytes:
        """Return the bytes that have arrived, without waiting for more; empty at the end.

        Raises:
            CommandError: they cannot be read.
        """
        try:
            data = self._data.read1(_CHUNK)
            if self.file.seekable():
                self.position = self.file.tell()
        except EOFError:
            raise CommandError(f"{self.name} is cut off: its last bytes are missing") from None
        except (gzip.BadGzipFile, zlib.error):
            raise CommandError(f"{self.name} is not packed by gzip, or damaged") from None
        except OSError as error:
            raise CommandError(f"{self.name}: {error.strerror or error}") from None
        return data


@contextmanager
def open_input(name: str) -> Iterator[Source]:
    """Open a file, or stdin, which stays open, by the name -.

    Raises:
        CommandError: it cannot be read.
    """
    if name == "-":
        yield Source(cast("BufferedReader", sys.stdin.buffer), "stdin")
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - below, where an error is another one
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}", Exit.USAGE) from None
    with file:
        yield Source(file, name)
