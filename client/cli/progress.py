"""A progress bar on stderr, where that is a terminal."""

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Self

import click

from client.cli.files.table import Row
from client.models import Job

_STEPS: Final = 10_000


class JobProgress:
    """How much of a job is done.

    Args:
        name: for people.
        hidden: whether to show nothing.
    """

    def __init__(self, name: str, *, hidden: bool) -> None:
        self._steps = 0
        self._bar = _bar(name, hidden=hidden)

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, traceback)

    def moved(self, job: Job) -> None:
        """Take a job's state."""
        self._to(job.done, job.total, job.done)

    def _to(self, done: int, size: int, rows: int) -> None:
        steps = min(_STEPS, done * _STEPS // size) if size else _STEPS
        self._bar.update(max(0, steps - self._steps), rows)
        self._steps = max(self._steps, steps)


class Progress(JobProgress):
    """How much of a file is done.

    Args:
        name: for people.
        size: bytes of the file; None if it is not known, then there is no bar.
        hidden: whether to show nothing.
    """

    def __init__(self, name: str, size: int | None, *, hidden: bool) -> None:
        super().__init__(name, hidden=hidden or size is None)
        self._size = size or 1
        self._rows = self._done_bytes = 0
        self._read_rows = self._read_bytes = 0
        self._ahead: list[str] = []
        self.answered = 0
        """Rows that have an answer, as far as is known."""

    def reading(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Give rows on, and take note of how long they are."""
        for row in rows:
            self._read_rows += 1
            self._read_bytes = row.position
            yield row

    def finished(self, rows: int, position: int) -> None:
        """Record that some rows are done, which end at byte `position` of the file, and redraw the progress."""
        del self._ahead[:1]
        self._rows += rows
        self.answered = self._rows
        self._done_bytes = position
        self._to(position, self._size, self._rows)

    def moved(self, job: Job) -> None:
        """Take a job's state; only the first of those that are not read back counts."""
        if job.id not in self._ahead:
            self._ahead.append(job.id)
        if self._ahead[0] == job.id:
            waiting = max(1, self._read_rows - self._rows)
            position = self._done_bytes + (self._read_bytes - self._done_bytes) * job.done // waiting
            self.answered = self._rows + job.done
            self._to(position, self._size, self.answered)


def _bar(name: str, *, hidden: bool) -> Any:
    return click.progressbar(
        length=_STEPS,
        label=name,
        file=sys.stderr,
        hidden=hidden or not sys.stderr.isatty(),
        item_show_func=lambda rows: None if rows is None else f"{rows:,} rows",
    )
