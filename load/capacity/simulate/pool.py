"""Simulation of the workers: admission, the outboxes of the API processes, one queue, and the model processes."""

from array import array
from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from math import inf
from typing import Final

from load.capacity.inputs.model import Product
from load.capacity.simulate.outbox import Message, Outbox, passes
from load.capacity.simulate.texts import Text

REFUSED: Final = -503.0
LATE: Final = -504.0
_SMOOTHING: Final = 0.1  # `worker/presence/pace.py`


class Pool:
    """One queue for all workers; texts are refused, dropped if late, or computed, as in the product.

    Args:
        processes: number of model processes at the begin.
        product: the rules of admission and messages.
        message_seconds: time for which a message keeps a process busy, without its texts.
        token_seconds: assumed time of an estimated token before the first measurement.
    """

    def __init__(self, processes: int, product: Product, message_seconds: float, token_seconds: float) -> None:
        self._size = processes
        self._product = product
        self._message_seconds = message_seconds
        self._token_seconds = token_seconds
        self._coming: deque[Text] = deque()
        self._outboxes: dict[int, Outbox[Text]] = {}
        self._queue: deque[Message[Text]] = deque()
        # Time at which a text's work ends, a sequence number, its tokens, and its message if it is the last text.
        self._ends: list[tuple[float, int, int, Message[Text] | None]] = []
        self._pushed = 0
        self._running = 0
        self._backlog = 0
        self.texts = 0
        """Number of admitted texts without an outcome."""
        self.busy_seconds = 0.0
        self.arrived = array("d")
        """Arrival time of each text that has an outcome."""
        self.outcome = array("d")
        """Outcome of each of these texts: its latency, `REFUSED` or `LATE`."""

    @property
    def queued(self) -> int:
        """Number of messages in the queue."""
        return len(self._queue)

    def offer(self, texts: Iterable[Text]) -> None:
        """Add texts that will arrive in the future, in order."""
        self._coming.extend(texts)

    def resize(self, processes: int, now: float) -> None:
        """Change the number of processes; a process that is removed finishes its message first."""
        self.advance(now)
        self._size = processes
        self._start_queued(now)

    def advance(self, until: float) -> None:
        """Simulate until a time."""
        coming, ends = self._coming, self._ends
        while coming or ends:
            claim = coming[0].ready if coming else inf
            end = ends[0][0] if ends else inf
            if (end if end < claim else claim) > until:
                return
            if end <= claim:
                self._end(heappop(ends))
            else:
                self._claim(coming.popleft())

    def _claim(self, text: Text) -> None:
        now = text.ready
        self._expire(now)
        rate = self._size / self._token_seconds
        need = self._backlog + text.tokens
        if need > max(text.tokens, rate * self._product.queue_share * (text.deadline - now)):
            self._decide(text, REFUSED)
            return
        self._backlog = need
        self.texts += 1
        outbox = self._outboxes.get(text.api)
        if outbox is None:
            outbox = self._outboxes[text.api] = Outbox(self._product)
        outbox.put((text,))
        self._send(outbox, now)

    def _send(self, outbox: Outbox[Text], now: float) -> None:
        while outbox.waiting and outbox.waiting[0].deadline <= now:
            self._drop([outbox.forget()])
        self._queue.extend(outbox.send(now, self._size, self._token_seconds))
        self._start_queued(now)

    def _start_queued(self, now: float) -> None:
        while self._queue and self._running < self._size:
            self._start(self._queue.popleft(), now)

    def _start(self, message: Message[Text], now: float) -> None:
        self._running += 1
        end = now + self._message_seconds
        self._drop(text for text in message.texts if text.deadline <= now)
        ends: list[tuple[float, Text]] = []
        for together in passes([text for text in message.texts if text.deadline > now], self._product.shared_pass):
            end += sum(text.seconds for text in together)
            ends += [(end, text) for text in together]
        for moment, text in ends:
            self._decide(text, moment - text.arrived + text.after if moment <= text.deadline else LATE)
        for moment, text in ends[:-1]:
            self._push(moment, text.tokens, None)
        self._push(end, ends[-1][1].tokens if ends else 0, message)
        tokens = sum(text.tokens for _, text in ends)
        self.busy_seconds += end - now
        if tokens:
            self._token_seconds += _SMOOTHING / self._size * ((end - now) / tokens - self._token_seconds)

    def _push(self, end: float, tokens: int, message: Message[Text] | None) -> None:
        self._pushed += 1
        heappush(self._ends, (end, self._pushed, tokens, message))

    def _end(self, end: tuple[float, int, int, Message[Text] | None]) -> None:
        at, _, tokens, message = end
        if tokens:
            self._backlog -= tokens
            self.texts -= 1
        if message is None:
            return
        self._running -= 1
        outbox = self._outboxes[message.texts[0].api]
        outbox.close(message)
        if outbox.waiting:
            self._send(outbox, at)
        else:
            self._start_queued(at)

    def _expire(self, now: float) -> None:
        """Drop the messages whose texts are all past their deadlines; the last text of each has the latest deadline."""
        while self._queue and self._queue[0].texts[-1].deadline <= now:
            message = self._queue.popleft()
            self._outboxes[message.texts[0].api].close(message)
            self._drop(message.texts)

    def _drop(self, texts: Iterable[Text]) -> None:
        for text in texts:
            self._backlog -= text.tokens
            self.texts -= 1
            self._decide(text, LATE)

    def _decide(self, text: Text, outcome: float) -> None:
        self.arrived.append(text.arrived)
        self.outcome.append(outcome)
