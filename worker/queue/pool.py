"""Celery's prefork pool with three changes.

- It checks for dead processes five times a second. Celery checks when a process closes its pipe, which is often just
  before its end, and otherwise every five seconds; the work of the dead process waits until then.
- It stops faster.
- The worker ends only when all processes have failed to load their model and none has succeeded. In Celery, one process
  that dies while it loads ends the worker.
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
"""Exit code of a worker that has no process with a loaded model."""
_LOOK_SECONDS: Final = 0.2
_LAST_RESULTS_SECONDS: Final = 1.0
_LAST_RESULTS_PAUSE: Final = 0.01


class Worker(asynpool.Worker):  # type: ignore[misc]
    """A model process that waits for at most a second until its parent has read its last results.

    During a stop, the parent may wait for the process without reading; billiard would then wait for half a minute. A
    result that was not read is not a problem: its message is delivered again, and its next run finds the work done.
    """

    def _ensure_messages_consumed(self, completed: int) -> bool:
        give_up = time.monotonic() + _LAST_RESULTS_SECONDS
        while self.on_ready_counter and self.on_ready_counter.value < completed:
            if time.monotonic() > give_up:
                return False
            time.sleep(_LAST_RESULTS_PAUSE)
        return True


class Pool(AsynPool):  # type: ignore[misc]
    """A pool that checks for dead processes often, and ends the worker when no process can load the model."""

    Worker = Worker

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._failed_loads = 0
        self._any_loaded = False
        super().__init__(*args, **kwargs)

    def on_process_alive(self, pid: int) -> None:
        """Add a process that has loaded its model to the available ones."""
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
    """The pool class in Celery's configuration."""

    Pool = Pool

    def did_start_ok(self) -> bool:
        """Return True even if a process has died while it loaded, so that the worker continues and replaces it."""
        return True
