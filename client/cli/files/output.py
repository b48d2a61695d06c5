"""Where the rows go: a stream, or a file that appears when it is whole."""

import gzip
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

from client.cli.files.journal import Entry, Journal
from client.cli.files.table import Row
from client.cli.process.ending import CommandError
from client.cli.source import packed

if sys.platform != "win32":
    import fcntl

_LEVEL: Final = 6
"""Of gzip: its program's own."""
_MOST_LINKS: Final = 40


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
        with named(self.name):
            self._stream.write(_packed(self.name, block))
            self._stream.flush()

    def finish(self) -> None:
        """See `Output`."""

    def close(self) -> None:
        """Close the stream, unless it is stdout, which belongs to the caller."""
        if self._stream is not sys.stdout.buffer:
            with suppress(OSError):  # all rows were flushed before
                self._stream.close()


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
        """Continue a file that was begun, or begin one; see `Journal.open`.

        Raises:
            CommandError: another process writes it, or it was begun in another way.
        """
        with named(str(path)):
            partial, notes = _partial(path), _notes(path)
            partial.touch()
            stream = partial.open("r+b")
            _lock(stream, path)
            size = stream.seek(0, os.SEEK_END)
            try:
                journal = _journal(notes, run, size, fresh=fresh)
                end = journal.entries[-1].end if journal.entries else 0
                stream.truncate(end)
                stream.seek(end)
            except BaseException:
                _close([stream], lambda: None if size or notes.exists() else partial.unlink(missing_ok=True))
                raise
            return cls(path, journal, stream)

    def skip(self, rows: Iterator[Row], source: str) -> Entry:
        """See `Output`."""
        return self._journal.skip(rows, source)

    def write(self, block: bytes, rows: int, failed: int, digest: str) -> None:
        """See `Output`."""
        with named(self.name):
            self._stream.write(_packed(self.name, block))
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._journal.add(Entry(rows, failed, self._stream.tell(), digest))

    def finish(self) -> None:
        """See `Output`."""
        with named(self.name):
            _close([self._journal, self._stream], self._publish)

    def close(self) -> None:
        """Leave it as it is; where nothing was done, and nothing is needed to find the jobs again, leave nothing."""
        nothing = not (self._journal.rows or self.salt or self._stream.closed)
        _close([self._journal, self._stream], self._remove if nothing else lambda: None)

    def _publish(self) -> None:
        _partial(self._path).replace(self._path)
        _notes(self._path).unlink(missing_ok=True)

    def _remove(self) -> None:
        _partial(self._path).unlink(missing_ok=True)
        _notes(self._path).unlink(missing_ok=True)


def is_device(path: Path) -> bool:
    """Whether a path, or a link that it is, leads to a device, or to a file that this process has open already."""
    for _ in range(_MOST_LINKS):
        folder = Path(os.path.realpath(path.parent))
        if folder.parts[1:2] == ("proc",) or folder in {Path("/dev"), Path("/dev/fd")}:
            return True
        if not path.is_symlink():
            break
        path = folder / path.readlink()
    return path.exists() and not path.is_file()


@contextmanager
def named(name: str) -> Iterator[None]:
    """Turn errors of files into a sentence that has their name."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{error.filename or name}: {error.strerror or error}") from None


def _close(files: Iterable[BinaryIO | Journal], change: Callable[[], None]) -> None:
    """Close files, and change names while the lock is held; on Windows, which cannot rename open files, right after."""
    if os.name == "posix":
        change()
    for file in files:
        with suppress(OSError):  # what matters was flushed
            file.close()
    if os.name != "posix":
        change()


def _journal(path: Path, run: Mapping[str, str], size: int, *, fresh: bool) -> Journal:
    """Open the journal of an output that has this size; begin it anew if somebody has removed the output."""
    journal = Journal.open(path, run, fresh=fresh)
    if journal.entries and journal.entries[-1].end > size:
        journal.close()
        path.unlink()
        journal = Journal.open(path, run, fresh=fresh)
    return journal


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
        except OSError as error:
            stream.close()
            if not isinstance(error, BlockingIOError):
                raise
            raise CommandError(f"another process is writing {path}") from None
