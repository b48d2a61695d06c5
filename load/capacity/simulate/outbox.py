"""Simulation of `api/dispatch/outbox.py`: the texts of one API process that wait to be sent."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from load.capacity.inputs.model import Product


class _Sized(Protocol):
    @property
    def tokens(self) -> int: ...


T = TypeVar("T", bound=_Sized)


class Message(Generic[T]):
    """A message under way.

    Args:
        texts: its texts, in order.
        sent: time at which it was queued.
    """

    __slots__ = ("over", "sent", "texts")

    def __init__(self, texts: list[T], sent: float) -> None:
        self.texts = texts
        self.sent = sent
        self.over = False


class Outbox(Generic[T]):
    """Groups texts into messages; texts wait while enough messages are under way.

    Args:
        product: the limits of messages.
    """

    __slots__ = ("_product", "_tokens", "_under_way", "open", "waiting")

    def __init__(self, product: Product) -> None:
        self._product = product
        self._tokens = 0
        self._under_way: deque[Message[T]] = deque()
        self.open = 0
        """Number of messages that count as under way."""
        self.waiting: deque[T] = deque()

    def put(self, texts: Iterable[T]) -> None:
        """Add waiting texts."""
        for text in texts:
            self.waiting.append(text)
            self._tokens += text.tokens

    def forget(self) -> T:
        """Remove and return the text that has waited longest."""
        text = self.waiting.popleft()
        self._tokens -= text.tokens
        return text

    def send(self, now: float, processes: int, token_seconds: float) -> list[Message[T]]:
        """Return the messages that are sent now.

        Args:
            now: time in seconds.
            processes: number of model processes of the fleet.
            token_seconds: time of an estimated token by their pace.
        """
        self._lose_patience(now)
        product, messages = self._product, []
        most = min(product.chunk_tokens, int(product.message_work / token_seconds))
        while self.waiting and self.open < processes * (
            product.ahead if self._tokens >= product.worth * processes else 1
        ):
            message = Message(self._take(min(most, self._tokens // processes)), now)
            self._under_way.append(message)
            self.open += 1
            messages.append(message)
        return messages

    def close(self, message: Message[T]) -> None:
        """Record the end of a message, all of whose texts have an outcome."""
        if not message.over:
            message.over = True
            self.open -= 1

    def _lose_patience(self, now: float) -> None:
        under_way = self._under_way
        while under_way and (under_way[0].over or under_way[0].sent <= now - self._product.patience):
            self.close(under_way.popleft())

    def _take(self, most: int) -> list[T]:
        taken = [self.forget()]
        room = most - taken[0].tokens
        while self.waiting and self.waiting[0].tokens <= room:
            taken.append(self.forget())
            room -= taken[-1].tokens
        return taken


def passes(texts: Iterable[T], most: int) -> Iterator[list[T]]:
    """Cut the texts of a message into passes, as `worker/lanes/inference.py` does."""
    together: list[T] = []
    tokens = 0
    for text in texts:
        if together and tokens + text.tokens > most:
            yield together
            together, tokens = [], 0
        together.append(text)
        tokens += text.tokens
    if together:
        yield together
