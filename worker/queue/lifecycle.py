"""Handlers of Celery's signals at the start and the stop of the worker and its model processes."""

import ctypes
import logging
import os
import signal
import time
from typing import Any

from billiard.exceptions import WorkerLostError
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown, worker_ready

from shared.contract.errors import SentimentError
from shared.process.logs import configure_logging
from shared.process.settings import get_settings
from worker.presence.redis_check import check_redis
from worker.process import current_process, start_process
from worker.queue.pool import UNLOADED

logger = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_RELOAD_PAUSE_SECONDS = 2.0
_NICE = 5
"""Nice value of a model process, so that an API process on the same CPU, whose work is short, runs first."""


@setup_logging.connect  # type: ignore[untyped-decorator]
def configure(**_: Any) -> None:
    """Configure logs; because this signal has a handler, Celery does not change the configuration."""
    settings = get_settings()
    configure_logging(settings.log_format, settings.log_level)
    logging.getLogger("celery.app.trace").addFilter(_in_one_sentence)


def _in_one_sentence(record: logging.LogRecord) -> bool:
    """Replace the log record of a process that died by one sentence, without the stack trace of Celery's code."""
    if record.exc_info and isinstance(record.exc_info[1], WorkerLostError):
        record.msg, record.args, record.exc_info = "a model process died; what it had begun is done again", None, None
    return True


@worker_ready.connect  # type: ignore[untyped-decorator]
def look_at_redis(**_: Any) -> None:
    """Log the unsafe settings of both Redis once, in the parent."""
    check_redis(get_settings())


@worker_process_init.connect  # type: ignore[untyped-decorator]
def load_model(**_: Any) -> None:
    """Load, warm up and announce the model in a new model process; if this fails, the process exits."""
    _die_with_parent()
    os.nice(_NICE)
    try:
        start_process(get_settings())
    except Exception as error:
        told = f": {error}" if isinstance(error, SentimentError) else ""  # its message needs no stack trace
        logger.critical("this process cannot load its model%s", told, exc_info=not told)
        time.sleep(_RELOAD_PAUSE_SECONDS)  # the pool would replace failing processes in a busy loop
        os._exit(UNLOADED)


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def say_goodbye(**_: Any) -> None:
    """Remove the process from the registry and send its last spans when the pool stops."""
    process = current_process()
    process.heartbeat.stop()
    if process.tracing:
        process.tracing.close()


def _die_with_parent() -> None:
    """Make Linux kill this process when its parent dies, because an orphan would keep memory and get no work."""
    if hasattr(ctypes, "CDLL") and os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
