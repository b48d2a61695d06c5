"""Taking messages from the queues and putting them back."""

import json
import logging
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

from kombu.transport import redis, virtual
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from shared.broker.connect import Server
from shared.broker.connections import PrimaryConnection, PrimarySSLConnection
from shared.broker.sentinel import Pool
from worker.lanes.messages import not_json

logger = logging.getLogger(__name__)

_WITHOUT_CLIENT: Final = {"driver_info": None, "maint_notifications_config": MaintNotificationsConfig(enabled=False)}


class Channel(redis.Channel):  # type: ignore[misc]
    """Reads the queues, drops elements that are not JSON, and puts messages back at the head of their queue."""

    QoS = virtual.QoS

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """Return the options of a connection, on which redis-py sends no CLIENT: the worker's user may not use it."""
        return {**super()._connparams(asynchronous), **_WITHOUT_CLIENT}

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except (ValueError, RecursionError) as error:
            logger.error("message discarded", extra={"reason": not_json(error)})
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
        """Put a message back at the head of its queue, marked as delivered before; kombu would put it at the end.

        If the broker does not accept it, the message is lost to the queue; `transport.py` describes how its work is
        found again. No error is raised, because kombu would then write the message with users' texts into a file.
        """
        raw = message._raw  # noqa: SLF001
        raw["properties"]["delivery_info"]["redelivered"] = True
        try:
            with self.conn_or_acquire() as client:
                client.rpush(message.delivery_info["routing_key"], json.dumps(raw))
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
