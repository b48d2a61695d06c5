"""Claimed texts that wait for a place in a message, and the messages under way.

A message costs the worker more than a short text does. While enough messages are under way to keep every model process
busy, texts wait here and leave together, shared out evenly; they stay claimed and counted in the backlog.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from api.dispatch.fleet_watch import FleetWatch
from shared.contract.names import Item

_AHEAD: Final = 1.5
"""Messages under way for each model process: the one that it runs, and for every second process one more. With two,
messages are smaller and cost more a text; with one, processes are idle between messages."""
_PATIENCE: Final = 0.25
"""Seconds after which a message no longer holds others back: its worker may have died, or be slow."""


class _Message:
    """A message under way; it is over when each of its texts has an outcome, or after `_PATIENCE`."""

    __slots__ = ("open", "timer")

    def __init__(self, texts: int, end: "Callable[[_Message], None]") -> None:
        self.open = texts
        """Texts without an outcome."""
        self.timer = asyncio.get_running_loop().call_later(_PATIENCE, end, self)


class Outbox:
    """Groups claimed texts into messages. It holds no connection: `take` returns the messages that leave now.

    Args:
        watch: the number of model processes.
        chunk_tokens: most estimated tokens in one message of several texts.
    """

    def __init__(self, watch: FleetWatch, chunk_tokens: int) -> None:
        self._watch = watch
        self._chunk_tokens = chunk_tokens
        self._waiting: dict[str, tuple[Item, float]] = {}
        self._tokens = 0
        """Estimated tokens of the texts that wait."""
        self._message_of: dict[str, _Message] = {}
        self._under_way: set[_Message] = set()
        self.changed = asyncio.Event()
        """Set when a text has been added or a message is over; whoever takes the messages clears it."""

    @property
    def waiting(self) -> list[str]:
        """Keys of the texts that wait, the oldest first."""
        return list(self._waiting)

    def put(self, item: Item, until: float) -> None:
        """Add a text; one that waits already keeps its place.

        Args:
            item: the text.
            until: end of its claim's lease, on the event loop's clock; it is not sent after that.
        """
        if item.key not in self._waiting:
            self._tokens += item.tokens
        self._waiting[item.key] = item, until
        self._message_of.pop(item.key, None)
        self.changed.set()

    def withdraw(self, key: str) -> None:
        """Remove a text if it waits; one that has been sent is left alone."""
        entry = self._waiting.pop(key, None)
        if entry is not None:
            self._tokens -= entry[0].tokens

    def close(self, key: str) -> None:
        """Remove a text that has an outcome; its message is over if it was the last."""
        self.withdraw(key)
        message = self._message_of.pop(key, None)
        if message is not None:
            message.open -= 1
            if not message.open:
                self._end(message)

    def take(self) -> list[list[Item]]:
        """Remove and return the texts of each message that leaves now."""
        messages = []
        processes = max(1, self._watch.processes)
        while self._waiting and len(self._under_way) < _AHEAD * processes:
            if items := self._fill(min(self._chunk_tokens, self._tokens // processes)):
                message = _Message(len(items), self._end)
                self._under_way.add(message)
                self._message_of.update((item.key, message) for item in items)
                messages.append(items)
        return messages

    def _fill(self, most: int) -> list[Item]:
        """Remove and return the oldest texts, at least one if there is any, up to so many estimated tokens.

        A text whose lease is over, because this process stood still, is removed and not sent: another process may have
        claimed it. It comes back when its claim has been renewed.
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
        """Let the next message leave; a message ends once."""
        if message in self._under_way:
            self._under_way.remove(message)
            message.timer.cancel()
            self.changed.set()
