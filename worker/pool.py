"""Celery's prefork pool, quicker to see that a process has died, and calm if it dies early.

As shipped, it looks when a dying process closes its pipe, which is often a moment too early to find it dead, and then
only every five seconds; until then the process's work waits.
"""

from collections.abc import Callable
from typing import Any, Final

from celery.concurrency import prefork
from celery.concurrency.asynpool import AsynPool

_LOOK_SECONDS: Final = 0.2


class Pool(AsynPool):  # type: ignore[misc]
    """Replaces dead processes several times a second."""

    @property
    def timers(self) -> dict[Callable[[], Any], float]:
        """What Celery's event loop calls, and how often."""
        return {self.maintain_pool: _LOOK_SECONDS}


class TaskPool(prefork.TaskPool):  # type: ignore[misc]
    """The pool that the worker's configuration names."""

    Pool = Pool

    def did_start_ok(self) -> bool:
        """Go on when a process has died while it loaded: it is replaced like any other, the worker need not end."""
        return True
