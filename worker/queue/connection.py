"""Kombu's connection with short pauses between its attempts, and Celery's component that makes it.

Kombu pauses for 2, 4, 6 s and so on, up to half a minute, while a broker that fails over is away for some seconds.
"""

from typing import Any, Final

import kombu
from celery.app.amqp import AMQP

_FIRST: Final = 1.0
_MORE: Final = 0.5
_LONGEST: Final = 2.0


class Connection(kombu.Connection):  # type: ignore[misc]
    """A connection to the broker."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Connect, with seconds between the attempts that fit a failover."""
        pauses = {"interval_start": _FIRST, "interval_step": _MORE, "interval_max": _LONGEST}
        return super().ensure_connection(*args, **pauses | kwargs)


class Broker(AMQP):  # type: ignore[misc]
    """Celery's component that makes connections to the broker."""

    Connection = Connection
