"""Celery's prefork pool, quicker to see that a process has died, calm if it dies early, and quick to stop.

As shipped, it looks when a dying process closes its pipe, which is often a moment too early to find it dead, and then
only every five seconds; until then the process's work waits.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from celery.concurrency import asynpool, prefork
from celery.concurrency.asynpool import AsynPool

_LOOK_SECONDS: Final = 0.2
_LAST_RESULTS_SECONDS: Final = 1.0
_LAST_RESULTS_PAUSE: Final = 0.01


class Worker(asynpool.Worker):  # type: ignore[misc]
    """A model process that does not wait long for its parent to take its last results.

    While it stops, the parent may wait for the process and not read; billiard then waits for half a minute. A result
    that was not read costs nothing: its message comes back, and whoever gets it finds the work done.
    """

    def _ensure_messages_consumed(self, completed: int) -> bool:
        give_up = time.monotonic() + _LAST_RESULTS_SECONDS
        while self.on_ready_counter and self.on_ready_counter.value < completed:
            if time.monotonic() > give_up:
                return False
            time.sleep(_LAST_RESULTS_PAUSE)
        return True


class Pool(AsynPool):  # type: ignore[misc]
    """Replaces dead processes several times a second."""

    Worker = Worker

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
