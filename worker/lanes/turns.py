"""Turns: a model process runs the message that Celery has delivered, and then takes others from the queue itself.

A message costs the parent process about a third of the CPU that a short text costs the model, and the model process
waits for the parent. So under load the parent is needed once for each turn instead of once for each message. A turn is
short, because a stopping worker waits for its end.

The broker stores the taken message under the id of the delivered one. If the process dies, Celery delivers that one
again, and the process that runs it finds the taken message by its id.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.contract.names import TASK_NAME, Item, Lane
from worker.lanes.interactive import MessageRunner
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
        if redelivered:
            self._messages.run(items)
            (raw,) = self._pipe.exchange(lambda: self._pipe.send("GET", stored))
        else:
            self._messages.run(items, then=self._take(end))
            raw = self._taken()
        while raw is not None:
            count += 1
            self._run(raw, ("SET", stored, raw, "PX", _STORED_MS), self._take(end))
            raw = self._taken()
        return f"{count} messages"

    def _take(self, end: float) -> list[Command]:
        """Return the commands that take the next message; none after the end of the turn."""
        now = monotonic()
        if now > end:
            return []
        wait = not self._chunks and now + _WAIT_SECONDS < end
        return [*self._look, ("BRPOP", self._queue, _WAIT_SECONDS) if wait else ("RPOP", self._queue)]

    def _taken(self) -> bytes | None:
        """Return the message that was taken, if there was one."""
        try:
            replies = self._pipe.collect()
        except (RedisError, OSError):
            return None
        if not replies:
            return None
        *chunks, entry = replies
        self._chunks = any(int(tokens or 0) > 0 for tokens in chunks)
        message: bytes | None = entry[1] if isinstance(entry, list) else entry  # of BRPOP or RPOP
        return message

    def _run(self, raw: bytes, store: Command, take: Sequence[Command]) -> None:
        """Run a taken message, and send the commands that take the next one."""
        try:
            task, arguments = decode_message(raw)
            if task != TASK_NAME:
                raise FlawError("unknown task")
        except FlawError as flaw:
            logger.error("message discarded", extra={"reason": str(flaw), "queue": Lane.INTERACTIVE.value})
            with suppress(RedisError, OSError):
                self._pipe.send_all(take)
            return
        self._messages.run([Item(*item) for item in arguments[0]], first=[store], then=take)
