"""Kombu's connection with short pauses between its attempts, and Celery's component that makes it.

Kombu pauses for 2, 4, 6 s and so on, up to half a minute, while a broker that fails over is away for some seconds.
"""

from typing import Any, Final

import kombu
from celery.app.amqp import AMQP

_PAUSE_SECONDS: Final = 1.0


class Connection(kombu.Connection):  # type: ignore[misc]
    """A connection to the broker."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Connect, with pauses between the attempts that fit a failover."""
        pauses = {"interval_start": _PAUSE_SECONDS, "interval_step": 0, "interval_max": _PAUSE_SECONDS}
        return super().ensure_connection(*args, **pauses | kwargs)


class Broker(AMQP):  # type: ignore[misc]
    """Celery's component that makes connections to the broker."""

    Connection = Connection
