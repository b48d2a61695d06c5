"""Turns: a model process runs the message that Celery has delivered, and then takes others from the queue itself.

A message costs the parent process about a third of the CPU that a short text costs the model, and the model process
waits for the parent. So under load the parent is needed once for each turn instead of once for each message. A turn is
short, because a stopping worker waits for its end.

The broker moves the taken message to a key with the id of the delivered one. If the process dies, Celery puts the
delivered one back, and the process that runs it finds the taken message by its id.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.contract.names import TASK_NAME, Item, Lane
from worker.lanes.interactive import Arrival, MessageRunner
from worker.lanes.messages import FlawError, decode_message
from worker.lanes.pipe import Command, Pipe

logger = logging.getLogger(__name__)

_TURN_SECONDS: Final = 0.25
"""Time from the begin of a turn after which no more messages are taken."""
_WAIT_SECONDS: Final = 0.02
"""Longest wait for the next message. Clients that send one request after another need less."""
_STORED_MS: Final = 10_000
"""Milliseconds for which a taken message is stored: no request waits longer for its texts."""


class Turns:
    """Runs the turns of one model process.

    Args:
        messages: runs one message.
        pipe: connection to the broker.
        keys: the service's key names.
        lanes: the queues of this worker; a process that also runs chunks does not wait for messages while chunks wait.
    """

    def __init__(self, messages: MessageRunner, pipe: Pipe, keys: Keyspace, lanes: Sequence[Lane]) -> None:
        self._messages = messages
        self._pipe = pipe
        self._keys = keys
        self._queue = keys.queue(Lane.INTERACTIVE)
        self._look: list[Command] = [("GET", keys.backlog_tokens(Lane.BULK))] if Lane.BULK in lanes else []
        self._chunks = False
        """Whether chunks waited when the broker was asked last."""
        self._waiting = False
        """Whether another message was in the queue when one was taken last."""

    def run(self, items: Sequence[Item], *, message: str, redelivered: bool) -> str:
        """Run a delivered message, and others until the turn ends.

        Args:
            items: the texts of the delivered message.
            message: id of the delivered message.
            redelivered: whether an earlier delivery may have ended without an acknowledgement.

        Returns:
            A summary for Celery, without users' texts.

        Raises:
            RedisError, OSError: the broker does not answer.
        """
        end, stored, count = monotonic() + _TURN_SECONDS, self._keys.taken(message), 1
        self._work(items, message, Arrival(again=redelivered), self._take(stored, end))
        while (raw := self._taken()) is not None:
            count += 1
            self._run(raw, self._take(stored, end))
        return f"{count} messages"

    def _take(self, stored: str, end: float) -> list[Command]:
        """Return the commands that replace the stored message by the next one; none after the end of the turn."""
        now = monotonic()
        if now > end:
            return []
        wait = not self._chunks and now + _WAIT_SECONDS < end
        move = (self._queue, stored, "RIGHT", "LEFT")
        return [
            ("DEL", stored),
            *self._look,
            ("LLEN", self._queue),
            ("BLMOVE", *move, _WAIT_SECONDS) if wait else ("LMOVE", *move),
            ("PEXPIRE", stored, _STORED_MS),
        ]

    def _taken(self) -> bytes | None:
        """Return the message that was taken, if there was one."""
        try:
            replies = self._pipe.collect()
        except (RedisError, OSError):
            return None
        if not replies:
            return None
        _, *chunks, waiting, message, _ = replies
        self._chunks = any(int(tokens or 0) > 0 for tokens in chunks)
        self._waiting = waiting > 1  # the first one is that message
        taken: bytes | None = message
        return taken

    def _run(self, raw: bytes, then: Sequence[Command], *, again: bool = False) -> None:
        """Run a taken message, and send further commands with its results."""
        try:
            message = decode_message(raw)
            if message.task != TASK_NAME:
                raise FlawError("unknown task")
        except FlawError as flaw:
            logger.error("message discarded", extra={"reason": str(flaw), "queue": Lane.INTERACTIVE.value})
            with suppress(RedisError, OSError):
                self._pipe.send_all(then)
            return
        arrival = Arrival(again or message.redelivered, message.begun, self._waiting)
        self._work([Item(*item) for item in message.arguments[0]], message.id, arrival, then)

    def _work(self, items: Sequence[Item], message: str, arrival: Arrival, then: Sequence[Command]) -> None:
        """Run a message, and the one that an earlier, dead run of it had taken; then send further commands."""
        if not arrival.again:
            self._messages.run(items, arrival, then=then)
            return
        self._messages.run(items, arrival)
        (stored,) = self._pipe.exchange(lambda: self._pipe.send("LRANGE", self._keys.taken(message), 0, -1))
        for raw in stored:
            self._run(raw, (), again=True)
        with suppress(RedisError, OSError):
            self._pipe.send_all(then)
