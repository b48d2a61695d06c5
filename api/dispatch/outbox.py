"""The claimed texts that wait to be sent, and the messages under way.

For a worker, a message costs more than a short text. While enough messages are under way to keep every model process
busy, texts wait here. Later they are sent together, divided evenly among the next messages. Meanwhile they stay claimed
and are counted in the backlog.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Final

from api.dispatch.fleet_watch import FleetWatch
from shared.contract.names import Item

_AHEAD: Final = 1.5
"""Messages under way for each model process: one that it runs, and one more for every second process, so that processes
need not wait between two messages."""
_WORTH: Final = 64
"""Waiting tokens for each model process from which messages are sent ahead. With fewer, the messages would be so small
that they cost more than the wait that they save."""
_MESSAGE_SECONDS: Final = 0.02
"""Longest work of a message in seconds, by the fleet's pace, so that no text waits long behind those of others."""
_PATIENCE: Final = 0.25
"""Seconds after which a message is not counted as under way any more, because its worker may be dead or slow."""


class _Message:
    """A message under way; it ends when each of its texts has an outcome, or after `_PATIENCE`."""

    __slots__ = ("open", "timer")

    def __init__(self, texts: int, end: "Callable[[_Message], None]") -> None:
        self.open = texts
        """Number of its texts without an outcome."""
        self.timer = asyncio.get_running_loop().call_later(_PATIENCE, end, self)


class Outbox:
    """Groups claimed texts into messages; `take` returns those that the caller must send now.

    Args:
        watch: knows the number of model processes and their pace.
        chunk_tokens: most estimated tokens in one message of several texts.
    """

    def __init__(self, watch: FleetWatch, chunk_tokens: int) -> None:
        self._watch = watch
        self._chunk_tokens = chunk_tokens
        self._waiting: dict[str, tuple[Item, float]] = {}
        self._tokens = 0
        """Estimated tokens of all waiting texts."""
        self._message_of: dict[str, _Message] = {}
        self._under_way: set[_Message] = set()
        self.changed = asyncio.Event()
        """Set when a text has been added, or a message has ended while texts wait; the caller of `take` clears it."""

    @property
    def waiting(self) -> list[str]:
        """Keys of the waiting texts, the oldest first."""
        return list(self._waiting)

    def put(self, item: Item, until: float) -> None:
        """Add a text; a text that waits already keeps its place in the order.

        Args:
            item: the text.
            until: end of its claim, in seconds of the event loop's clock; it is not sent after that.
        """
        self._add(item, until)
        self.changed.set()

    def withdraw(self, key: str) -> None:
        """Remove a text if it waits; a text that has been sent is not affected."""
        entry = self._waiting.pop(key, None)
        if entry is not None:
            self._tokens -= entry[0].tokens

    def close(self, key: str) -> None:
        """Remove a text that has an outcome; if it was the last one of its message, the message ends."""
        self.withdraw(key)
        message = self._message_of.pop(key, None)
        if message is not None:
            message.open -= 1
            if not message.open:
                self._end(message)

    def reserve(self, items: Sequence[Item]) -> list[list[Item]]:
        """Group texts into messages that the caller may send at once; none if the texts must wait.

        The messages count as under way. If they are not sent, the caller must close each of their texts.
        """
        if self._waiting or any(item.key in self._message_of for item in items):
            return []
        for item in items:
            self._add(item, math.inf)
        messages = self.take()
        if not self._waiting:
            return messages
        for item in items:
            self.close(item.key)
        return []

    def take(self) -> list[list[Item]]:
        """Remove waiting texts and return them, grouped into the messages that must be sent now."""
        messages = []
        processes = max(1, self._watch.processes)
        most = min(self._chunk_tokens, int(self._watch.rate / processes * _MESSAGE_SECONDS))
        while self._waiting and len(self._under_way) < processes * (
            _AHEAD if self._tokens >= _WORTH * processes else 1
        ):
            if items := self._fill(min(most, self._tokens // processes)):
                message = _Message(len(items), self._end)
                self._under_way.add(message)
                self._message_of.update((item.key, message) for item in items)
                messages.append(items)
        return messages

    def _add(self, item: Item, until: float) -> None:
        if item.key not in self._waiting:
            self._tokens += item.tokens
        self._waiting[item.key] = item, until
        self._message_of.pop(item.key, None)

    def _fill(self, most: int) -> list[Item]:
        """Remove and return the oldest texts with together at most `most` estimated tokens, but at least one text.

        A text whose claim has ended, because this process was delayed, is removed but not returned: another process may
        have claimed it. It is added again when its claim has been renewed.
        """
        taken: list[Item] = []
        room, now = most, asyncio.get_running_loop().time()
        while self._waiting:
            item, until = next(iter(self._waiting.values()))
            if taken and item.tokens > room:
                break
            self.withdraw(item.key)
            if until >= now:
                taken.append(item)
                room -= item.tokens
        return taken

    def _end(self, message: _Message) -> None:
        """Record the end of a message, so that the next one can be sent; a second call has no effect."""
        if message in self._under_way:
            self._under_way.remove(message)
            message.timer.cancel()
            if self._waiting:
                self.changed.set()
