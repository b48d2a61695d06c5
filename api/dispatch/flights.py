"""The misses that this process waits for; every request for a text joins the same flight."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from shared.contract.errors import SentimentError
from shared.contract.results import Result
from shared.process.tracing import traceparent

if TYPE_CHECKING:
    from api.dispatch.outbox import Parcel

Outcome = Result | SentimentError
"""What became of a text: its result, or why there is none. A value and not a raised error: many may wait, or none."""


class Flight:
    """One text on its way to an answer.

    Args:
        key: the text's key under the active version.
        text: the text.
        tokens: its estimated work.
        deadline: the latest moment at which anybody here still waits, on the event loop's clock.
        request_id: who asked first.
    """

    __slots__ = (
        "counted",
        "deadline",
        "foreign",
        "future",
        "held",
        "key",
        "lapse",
        "parcel",
        "request_id",
        "text",
        "tokens",
        "trace",
        "until",
    )

    def __init__(self, key: str, text: str, tokens: int, deadline: float, request_id: str) -> None:
        self.key = key
        self.text = text
        self.tokens = tokens
        self.deadline = deadline
        self.request_id = request_id
        self.trace = traceparent.get()
        self.future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.lapse: asyncio.TimerHandle | None = None
        """When the claim that this flight waits for runs out."""
        self.held = 0.0
        """Until when nobody else may claim it while it is not sent, on the event loop's clock."""
        self.until = 0.0
        """When the deadline under which it was claimed is over, on the event loop's clock."""
        self.counted = False
        """Whether its claim is in the tallies; a claim may be asked for more than once."""
        self.foreign = False
        """Whether another process has it computed."""
        self.parcel: Parcel | None = None
        """The message that carries it, once one does."""


class Flights:
    """All open flights by key."""

    def __init__(self) -> None:
        self._open: dict[str, Flight] = {}
        self.on_landed: Callable[[Flight], None] = lambda _: None
        """Called with each flight that has an outcome."""

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: str) -> bool:
        return key in self._open

    def __iter__(self) -> Iterator[Flight]:
        return iter(list(self._open.values()))

    def join(self, key: str, deadline: float) -> Flight | None:
        """Board the flight of a key if there is one, and keep it open until `deadline` at least."""
        flight = self._open.get(key)
        if flight is not None:
            flight.deadline = max(flight.deadline, deadline)
        return flight

    def add(self, flight: Flight) -> None:
        """Open a flight; its key must have none."""
        self._open[flight.key] = flight

    def land(self, key: str, outcome: Outcome) -> None:
        """Give everyone aboard the outcome. A second outcome, or one for a flight of nobody's, is dropped."""
        flight = self._open.pop(key, None)
        if flight is None:
            return
        if flight.lapse is not None:
            flight.lapse.cancel()
        if not flight.future.done():
            flight.future.set_result(outcome)
        self.on_landed(flight)
