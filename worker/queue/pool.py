"""Celery's prefork pool: it replaces dead processes sooner, stops sooner, and ends when no process can load the model.

As shipped, it looks when a dying process closes its pipe, which is often a moment too early to find it dead, and then
only every five seconds; until then the process's work waits. One process that dies while it loads ends the worker, as
shipped; here all of them must have failed to load their model, and none may have succeeded.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from celery.concurrency import asynpool, prefork
from celery.concurrency.asynpool import AsynPool
from celery.worker import state

logger = logging.getLogger(__name__)

UNLOADED: Final = 78
"""Exit code of a process that cannot load its model (EX_CONFIG of sysexits.h)."""
_NO_MODEL: Final = 2
"""Exit code of a worker of which no process can load the model."""
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
    """Replaces dead processes several times a second, and ends the worker when no process can load the model."""

    Worker = Worker

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._failed_loads = 0
        self._any_loaded = False
        super().__init__(*args, **kwargs)

    def on_process_alive(self, pid: int) -> None:
        """Make a process available that has loaded its model."""
        self._any_loaded = True
        super().on_process_alive(pid)

    def _join_exited_workers(self, shutdown: bool = False) -> list[int | None] | None:  # noqa: FBT001, FBT002
        codes: list[int | None] | None = super()._join_exited_workers(shutdown)
        self._failed_loads += (codes or []).count(UNLOADED)
        if self._failed_loads >= self._processes and not self._any_loaded and state.should_stop is None:
            logger.critical("no process of this worker can load its model, so it ends")
            state.should_stop = _NO_MODEL
        return codes

    @property
    def timers(self) -> dict[Callable[[], Any], float]:
        """The timers of Celery's event loop: functions and their intervals."""
        return {self.maintain_pool: _LOOK_SECONDS}


class TaskPool(prefork.TaskPool):  # type: ignore[misc]
    """The pool that the worker's configuration names."""

    Pool = Pool

    def did_start_ok(self) -> bool:
        """Go on when a process has died while it loaded: it is replaced like any other, the worker need not end."""
        return True
