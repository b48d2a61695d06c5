"""A flight, which is one missing text for whose result this process waits; the table in `flights.py` has its states."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.contract.errors import DeadlineExceededError, SentimentError
from shared.contract.results import Result
from shared.process.trace_context import traceparent

_GRACE: Final = 0.005
"""Seconds from the end of a claim to the next one, so that the first claim has lapsed on the broker too."""
_RENEW: Final = 0.3
"""Seconds after which such a claim is renewed."""

Outcome = Result | SentimentError
"""A text's result, or the error why there is none. The error is a value, because any number of requests may wait."""

State = Literal["claiming", "claimed", "awaited", "landed"]
"""A text is `claiming` until the broker has answered its claim; `claimed` while this process has the claim and the text
waits in the outbox; `awaited` while the text is in the queue, or another process has the claim, so that its result will
be published; `landed` when its outcome is known. It is no Enum, because to read a member of one takes a call."""


@dataclass(eq=False, slots=True)
class Flight:
    """One missing text and its state. Times are in seconds of the event loop's clock."""

    key: str
    text: str
    tokens: int
    deadline: float
    """The latest deadline of the requests that wait for the text."""
    request_id: str
    """Id of the request that opened the flight."""
    on_lapse: Callable[["Flight"], None]
    """Called when the claim has lapsed or must be renewed."""
    state: State = "claiming"
    until: float = 0.0
    """Time at which the claim lapses, if the text has been sent or another process has the claim."""
    counted: str = ""
    """The outcome of the first claim, as `tallies.claims` counts it; empty before."""
    trace: str = field(default_factory=traceparent.get)
    """Trace context of the request that opened the flight; empty if it is not traced."""
    inference: str = ""
    """Trace context of the inference from which the result will come; empty if it is not traced."""
    outcome: "asyncio.Future[Outcome]" = field(default_factory=asyncio.Future)
    timer: asyncio.TimerHandle | None = None

    def claiming(self) -> None:
        """Enter `claiming`, unless the state is `claimed`: then the claim is only renewed."""
        if self.state != "claimed":
            self.state = "claiming"

    def claimed(self, now: float, until: float) -> None:
        """Enter `claimed` at the time `now`; `until` is the text's deadline."""
        self.state = "claimed"
        self.until = until
        self._call_at(min(until, now + _RENEW))

    def sent(self) -> None:
        """Enter `awaited` until the text's deadline. The timer is not moved, because most results come before it."""
        self.state = "awaited"

    def awaited(self, until: float) -> None:
        """Enter `awaited`; the claim of another process lapses at `until`."""
        self.state = "awaited"
        self.until = until
        self._call_at(until)

    def land(self, outcome: Outcome) -> None:
        """Enter `landed`, and pass the outcome to all requests that wait."""
        self.state = "landed"
        if self.timer is not None:
            self.timer.cancel()
        self.outcome.set_result(outcome)

    def result(self) -> Result:
        """Return the result, or raise the error why there is none."""
        if not self.outcome.done():
            raise DeadlineExceededError
        outcome = self.outcome.result()
        if not isinstance(outcome, Result):
            raise outcome.with_traceback(None)  # each request that raises this object would lengthen it
        return outcome

    def _call_at(self, moment: float) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_at(moment + _GRACE, self.on_lapse, self)
