"""The journal of an unfinished output: the rows that it holds, written beside it after every job."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final, Self

from client.cli.files.table import Row
from client.cli.process.ending import CommandError, Exit

_FORMAT: Final = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows that were written together."""

    rows: int
    failed: int
    end: int
    """Bytes of output up to their end."""
    digest: str
    """The identity of an input, so that another input is not taken for the same."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The first line; see `Journal`."""

    salt: str
    run: dict[str, str]


def digest_of(rows: Iterable[Row]) -> str:
    """Return the digest of some rows."""
    digest = blake2b(digest_size=16)
    for row in rows:
        digest.update(repr(row.content).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class Journal:
    """One file: a line that says what the run is, then a line for each entry.

    Args:
        file: open at its end.
        salt: makes the run's idempotency keys its own; empty if it shares jobs with others.
        entries: what is done.
    """

    def __init__(self, file: BinaryIO, salt: str, entries: list[Entry]) -> None:
        self._file = file
        self.salt = salt
        self.entries = entries

    @classmethod
    def open(cls, path: Path, run: Mapping[str, str], *, fresh: bool) -> Self:
        """Take up a run, or begin it.

        Args:
            path: the file.
            run: what must be the same for the rest of the output to fit.
            fresh: whether to begin anew, with jobs of its own.

        Raises:
            CommandError: what is there was begun in another way.
        """
        found = None if fresh else _read(path)
        if found is None:
            salt = token_hex(8) if fresh else ""
            file: BinaryIO = path.open("wb")
            try:
                _append(file, {"format": _FORMAT, "salt": salt, "run": dict(run)})
            except BaseException:
                with suppress(OSError):
                    file.close()
                path.unlink()
                raise
            return cls(file, salt, [])
        head, entries, size = found
        other = [name for name in (*run, *head.run) if head.run.get(name) != run.get(name)]
        if other:
            begun = f"with another {other[0]} ({head.run[other[0]]})" if other[0] in head.run else f"without {other[0]}"
            raise CommandError(
                f"{path.stem} was begun {begun}: give that to go on, or --fresh to begin anew", Exit.USAGE
            )
        file = path.open("r+b")
        file.truncate(size)
        file.seek(size)
        return cls(file, head.salt, entries)

    def add(self, entry: Entry) -> None:
        """Write down that rows are done.

        They count first: Ctrl-C may come as soon as the file has them.
        """
        self.entries.append(entry)
        _append(self._file, asdict(entry))

    @property
    def rows(self) -> int:
        """How many are done."""
        return sum(entry.rows for entry in self.entries)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def skip(self, rows: Iterator[Row], name: str) -> Entry:
        """Read past the rows that are done, and return all of them as one entry.

        Raises:
            CommandError: the input holds something else by now.
        """
        whole = Entry(0, 0, 0, "")
        for entry in self.entries:
            if digest_of(islice(rows, entry.rows)) != entry.digest:
                raise CommandError(
                    f"{name} is not what it was when this output was begun (within rows "
                    f"{whole.rows + 1} to {whole.rows + entry.rows}); --fresh begins anew"
                )
            whole = replace(entry, rows=whole.rows + entry.rows, failed=whole.failed + entry.failed)
        return whole


def _read(path: Path) -> tuple[_Head, list[Entry], int] | None:
    """Return head, entries, and the bytes up to the last whole line; None if there is no journal."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    lines = data.split(b"\n")[:-1]  # what follows the last newline was cut off by a crash
    try:
        head, *entries = map(json.loads, lines)
        if head["format"] != _FORMAT:
            return None
        return (
            _Head(head["salt"], dict(head["run"])),
            [Entry(**entry) for entry in entries],
            sum(len(line) + 1 for line in lines),
        )
    except (ValueError, TypeError, KeyError):
        return None


def _append(file: BinaryIO, document: object) -> None:
    file.write(json.dumps(document).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())
