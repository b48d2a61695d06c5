"""Taking messages from the queues and putting them back."""

import json
import logging
from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from kombu.transport import redis, virtual
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from shared.broker.connect import Server
from shared.broker.sentinel import Pool, PrimaryConnection, PrimarySSLConnection
from shared.contract.names import Lane

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 0.002
"""Seconds that BRPOP waits for a message to take ahead. Redis before 7 rounds 0.001 to 0, which is to wait for ever."""

_WITHOUT_CLIENT: Final = {"driver_info": None, "maint_notifications_config": MaintNotificationsConfig(enabled=False)}


class QoS(virtual.QoS):  # type: ignore[misc]
    """Counts the unacknowledged messages of the worker, and allows one more message while every process is busy.

    Between two messages a process waits for its parent, which acknowledges the first and fetches the second. With a
    message that was taken ahead, this wait is shorter. After each change only one attempt is made to take a message
    ahead, which succeeds only if a message waits in the queue: then no other worker is idle. Messages of jobs are not
    taken ahead, because they would run before synchronous requests that arrive meanwhile.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._looked = False

    @property
    def looks_ahead(self) -> bool:
        """Whether there are as many unacknowledged messages as processes, so that the next one is taken ahead."""
        return bool(self.prefetch_count) and len(self._delivered) - len(self._dirty) == self.prefetch_count

    def can_consume(self) -> bool:
        """Whether another message may be taken."""
        return super().can_consume() or (self.looks_ahead and not self._looked)

    def looked(self) -> None:
        """Record that no message was waiting."""
        self._looked = True

    def append(self, message: Any, delivery_tag: str) -> None:
        """Record a new message."""
        self._looked = False
        super().append(message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Record the acknowledgement of a message."""
        self._looked = False
        super().ack(delivery_tag)


class Channel(redis.Channel):  # type: ignore[misc]
    """Reads the queues, drops elements that are not JSON, and puts messages back at the head of their queue."""

    QoS = QoS

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """Return the options of a connection, on which redis-py sends no CLIENT: the worker's user may not use it."""
        return {**super()._connparams(asynchronous), **_WITHOUT_CLIENT}

    def _brpop_start(self, timeout: float | None = None) -> None:
        if not self.qos.looks_ahead:
            super()._brpop_start(timeout)
            return
        if Lane.INTERACTIVE not in self.active_queues:
            self.qos.looked()
            return
        self._in_poll = self.client.connection
        self._brpop_sent_at = monotonic()
        command = self.client._prefix_args(["BRPOP", Lane.INTERACTIVE.value, _AT_ONCE])  # noqa: SLF001
        self.client.connection.send_command(*command)

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except redis.Empty:
            self.qos.looked()
            raise
        except (ValueError, RecursionError) as error:
            logger.error("message discarded", extra={"reason": f"not JSON ({type(error).__name__})"})
            return True

    def give_back(self, running: Collection[str]) -> None:
        """Put back the messages that have not begun; the channel's consumers must be canceled before.

        Redis may still deliver a message until the current BRPOP ends, at most a second after its begin. Such a message
        is read here and put back too.

        Args:
            running: delivery tags of the messages that have begun.

        Raises:
            RedisError, OSError: the connection is lost.
        """
        taken = self.qos._delivered.keys() - self.qos._dirty  # noqa: SLF001 - ended messages are in _dirty
        for tag in taken - set(running):
            self.basic_reject(tag, requeue=True)
        if self._in_poll:
            with suppress(redis.Empty):
                self._brpop_read()

    def _restore(self, message: Any, leftmost: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Put a message back at the head of its queue; kombu would put it at the end.

        If the broker does not accept it, the message is lost to the queue; `transport.py` describes how its work is
        found again. No error is raised, because kombu would then write the message with users' texts into a file.
        """
        try:
            with self.conn_or_acquire() as client:
                client.rpush(message.delivery_info["routing_key"], json.dumps(message._raw))  # noqa: SLF001
        except (RedisError, OSError) as error:
            logger.warning("a message could not be given back", extra={"reason": type(error).__name__})


class SentinelChannel(Channel):
    """Connects to the primary that the Sentinels name; `server` of the transport's options makes the connections."""

    from_transport_options = (*Channel.from_transport_options, "server")
    server: Server
    keyprefix_fanout: str
    connection_class = PrimaryConnection
    connection_class_ssl = PrimarySSLConnection

    def _get_pool(self, asynchronous: bool = False) -> Pool:  # noqa: FBT001, FBT002
        options = self._connparams(asynchronous=asynchronous)
        self.keyprefix_fanout = self.keyprefix_fanout.format(db=options["db"])
        return self.server.primary_pool(options)
