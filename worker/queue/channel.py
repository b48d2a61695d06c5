"""How this worker takes messages from its queues and gives them back."""

import json
import logging
from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from kombu.transport import redis, virtual
from redis.exceptions import RedisError

from shared.contract.names import Lane

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 0.002
"""Seconds that a look ahead waits. BRPOP counts in milliseconds; Redis before 7 makes 0 of 0.001, which is for ever."""


class QoS(virtual.QoS):  # type: ignore[misc]
    """Counts the messages in the worker, and lets one more be taken ahead while every process is busy.

    Between two messages a process waits for its parent, which must hear, acknowledge, pop and hand over. A message that
    is there already saves that. Only one that waits in the queue is taken so, and only once after each change: then no
    idle worker can want it. Never one of a job, which would go before synchronous requests that come meanwhile.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._looked = False

    @property
    def looks_ahead(self) -> bool:
        """Whether as much is held as there are processes, so that the next message would be one ahead."""
        return bool(self.prefetch_count) and len(self._delivered) - len(self._dirty) == self.prefetch_count

    def can_consume(self) -> bool:
        """Whether another message may be taken."""
        return super().can_consume() or (self.looks_ahead and not self._looked)

    def looked(self) -> None:
        """Take note that nothing was waiting."""
        self._looked = True

    def append(self, message: Any, delivery_tag: str) -> None:
        """Take note of a message."""
        self._looked = False
        super().append(message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Let go of a message."""
        self._looked = False
        super().ack(delivery_tag)


class Channel(redis.Channel):  # type: ignore[misc]
    """Reads queues; what is not JSON is dropped, and what is given back goes first again."""

    QoS = QoS

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
        """Give back what is held and not begun; the channel's consumers must be canceled.

        Redis may have handed over a message that was not read yet, or may do so until the BRPOP under way ends, a
        second at most after its begin; each of these goes back as soon as it comes.

        Args:
            running: tags of the messages that have begun.

        Raises:
            RedisError, OSError: the connection is lost.
        """
        taken = self.qos._delivered.keys() - self.qos._dirty  # noqa: SLF001 - what is done is dirty until it is let go
        for tag in taken - set(running):
            self.basic_reject(tag, requeue=True)
        if self._in_poll:
            with suppress(redis.Empty):
                self._brpop_read()

    def _restore(self, message: Any, leftmost: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Give a message back to the head of its queue; kombu's own way puts it behind all others.

        One that the broker does not take is lost to the queue, and its work is found again as `transport.py` says.
        Nothing is raised: kombu would write what it could not give back, texts and all, into a file.
        """
        try:
            with self.conn_or_acquire() as client:
                client.rpush(message.delivery_info["routing_key"], json.dumps(message._raw))  # noqa: SLF001
        except (RedisError, OSError) as error:
            logger.warning("a message could not be given back", extra={"reason": type(error).__name__})
