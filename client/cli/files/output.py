"""Where the rows go: a stream, or a file that appears when it is whole."""

import gzip
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

from client.cli.ending import CommandError
from client.cli.files.journal import Entry, Journal
from client.cli.files.table import Row
from client.cli.source import packed

if sys.platform != "win32":
    import fcntl

_LEVEL: Final = 6
"""Of gzip: its program's own."""


class Output(Protocol):
    """Takes blocks of rows."""

    salt: str
    """See `Journal`."""
    name: str
    """For people."""
    kept: str
    """The end of an interrupted run: resumable or not."""

    def skip(self, rows: Iterator[Row], source: str) -> Entry:
        """Read past the rows that are there already, and return all of them as one entry."""

    def write(self, block: bytes, rows: int, failed: int, digest: str) -> None:
        """Take a block for good."""

    def finish(self) -> None:
        """Say that the output is whole."""

    def close(self) -> None:
        """End the use of the output without finishing it; the rows that are written are kept."""


class Stream:
    """A pipe, a terminal, a device: written as it comes.

    Args:
        stream: where to.
        name: for people; packed as it says.
        salt: see `Output`.
    """

    def __init__(self, stream: BinaryIO, name: str, salt: str) -> None:
        self._stream = stream
        self.name = name
        self.salt = salt
        self.kept = "The same line again begins at the first row, and finds the jobs that are done."

    def skip(self, rows: Iterator[Row], source: str) -> Entry:
        """Nothing is there yet."""
        del rows, source
        return Entry(0, 0, 0, "")

    def write(self, block: bytes, rows: int, failed: int, digest: str) -> None:
        """See `Output`."""
        del rows, failed, digest
        self._stream.write(_packed(self.name, block))
        self._stream.flush()

    def finish(self) -> None:
        """See `Output`."""
        self._stream.flush()

    def close(self) -> None:
        """Do nothing, because the stream belongs to the caller."""


class File:
    """``NAME.partial`` with its ``NAME.journal``, until it is whole and becomes ``NAME``; packed as its name says.

    Args:
        path: the file.
        journal: what is done.
        stream: the partial file, open at the end of what is done.
    """

    def __init__(self, path: Path, journal: Journal, stream: BinaryIO) -> None:
        self._path = path
        self._journal = journal
        self._stream = stream
        self.name = str(path)
        self.kept = "The same line again goes on from there."
        self.salt = journal.salt

    @classmethod
    def open(cls, path: Path, run: Mapping[str, str], *, fresh: bool) -> Self:
        """Take up what is there, or begin; see `Journal.open`.

        Raises:
            CommandError: another process writes it, or it was begun in another way.
        """
        partial, notes = _partial(path), _notes(path)
        stream = os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            _lock(stream, path)
            size = stream.seek(0, os.SEEK_END)
            journal = Journal.open(notes, run, fresh=fresh)
            if journal.entries and journal.entries[-1].end > size:  # somebody has removed it
                journal.close()
                notes.unlink()
                journal = Journal.open(notes, run, fresh=fresh)
            end = journal.entries[-1].end if journal.entries else 0
            stream.truncate(end)
            stream.seek(end)
        except BaseException:
            stream.close()
            raise
        return cls(path, journal, stream)

    def skip(self, rows: Iterator[Row], source: str) -> Entry:
        """See `Output`."""
        return self._journal.skip(rows, source)

    def write(self, block: bytes, rows: int, failed: int, digest: str) -> None:
        """See `Output`."""
        self._stream.write(_packed(self.name, block))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._journal.add(Entry(rows, failed, self._stream.tell(), digest))

    def finish(self) -> None:
        """See `Output`."""
        _partial(self._path).replace(self._path)
        self.close()
        _notes(self._path).unlink(missing_ok=True)

    def close(self) -> None:
        """Leave it as it is; where nothing was done, and nothing is needed to find the jobs again, leave nothing."""
        if not (self._journal.rows or self.salt or self._stream.closed):
            _partial(self._path).unlink(missing_ok=True)
            _notes(self._path).unlink(missing_ok=True)
        self._journal.close()
        self._stream.close()


def _packed(name: str, block: bytes) -> bytes:
    """Return a block as a whole member of gzip if the name says so: a file may be cut behind each of them."""
    return gzip.compress(block, _LEVEL, mtime=0) if packed(name) else block


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")


def _notes(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")


def _lock(stream: BinaryIO, path: Path) -> None:
    if sys.platform != "win32":
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"another process is writing {path}") from None
