"""Configuration of logs: one line for each event, as JSON or text, with its request and trace, never with a text."""

import logging
import sys
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

from shared.process.choices import LogFormat
from shared.process.trace_context import current_ids

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request (in a worker, ids of the requests) for which the current code runs."""

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request_id", "taskName"}
_QUIET = ("celery.app.trace", "celery.worker.strategy", "kombu", "asyncio", "uvicorn.error")
"""Loggers of which only warnings are written: they log every task, or repeat the product's own lines."""


class _IdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = request_id.get()
        if not hasattr(record, "trace_id"):
            vars(record).update(current_ids())
        return True


class _TextFormatter(logging.Formatter):
    """Formats a record as one line: time, level, logger and message, then the extra fields as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        fields = {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if getattr(record, "request_id", ""):
            fields["request_id"] = record.__dict__["request_id"]
        return " ".join([line, *(f"{name}={value}" for name, value in fields.items())])


def configure_logging(style: LogFormat, level: str) -> None:
    """Make every logger of this process write to standard output in one format.

    Args:
        style: JSON for machines, text for people.
        level: lowest level that is written.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_IdFilter())
    if style is LogFormat.JSON:
        handler.setFormatter(
            JsonFormatter(
                "{asctime}{levelname}{name}{message}{request_id}",
                style="{",
                rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
                datefmt="%Y-%m-%dT%H:%M:%S%z",
            )
        )
    else:
        handler.setFormatter(_TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
