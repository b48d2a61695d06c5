"""The misses of this process. A flight is one missing text; all requests that need the text share it.

The states of a flight, and the events that change them:

    from      event                                                 to        method
    -         a request misses a text that has no flight            claiming  _board
    claiming  the broker grants the claim                           claimed   _settle
    claiming  the same, and it has queued the message sent along    awaited   _settle
    claiming  another process has the claim: coalesced              awaited   _settle
    claiming  the backlog is too large: refused                     landed    _settle
    claimed   the claim is renewed, every 0.3 s                     claimed   _lapsed, _settle
    claimed   another process has taken the claim over              awaited   _settle
    claimed   a message with the text is put into the queue         awaited   send
    awaited   the claim has lapsed, or results may be missed        claiming  _lapsed, claim_again
    any       the result arrives, published or in reply to a claim  landed    receive
    any       the broker does not answer a claim or a message       landed    _claim, send
    any       the claim lapses at the deadline: given up            landed    _lapsed
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

from api.dispatch.admission import Admission
from api.dispatch.broker_steps import BrokerSteps
from api.dispatch.cache import AnswerCache
from api.dispatch.flight import Flight, Outcome
from api.dispatch.outbox import Outbox
from api.metrics.tallies import Tallies
from shared.broker.keys import read_text_key
from shared.broker.scripts.claims import CLAIMED, REFUSED, Claims, Group
from shared.contract.errors import BrokerUnavailableError, DeadlineExceededError
from shared.contract.names import Item
from shared.contract.record import FORM
from shared.contract.results import Result
from shared.process.trace_context import inference_context, traceparent
from shared.process.tracing import link_inferences

_GROUPS_AT_ONCE: Final = 64
_LEASE_MS: Final = 500
"""Milliseconds for which a text is claimed until it is sent; if this process dies, another can claim it then."""
_TOO_LATE: Final = 0.01
"""Seconds before its deadline from which a flight is given up instead of claimed again."""

_COUNTED_AS: Final = {CLAIMED: "claimed", REFUSED: "refused"}


class Flights:
    """All flights that have not landed, by key, and the two loops that move them: `claim` and `send`.

    Args:
        broker: claims texts and queues messages.
        outbox: groups claimed texts into messages.
        admission: refuses misses that could not be finished in time.
        cache: stores results.
        tallies: counts the outcomes of claims.
    """

    def __init__(
        self, broker: BrokerSteps, outbox: Outbox, *, admission: Admission, cache: AnswerCache, tallies: Tallies
    ) -> None:
        self._broker = broker
        self._outbox = outbox
        self._admission = admission
        self._cache = cache
        self._claims = tallies.claims
        self._open: dict[str, Flight] = {}
        self._clock = 0.0
        """The broker's clock minus that of the event loop, in seconds, by the last claim; 0 before."""
        self._work = asyncio.Event()
        self._to_claim: deque[Sequence[Flight]] = deque()
        """Groups of flights that are to be claimed; a group is admitted or refused as a whole."""

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: str) -> bool:
        return key in self._open

    async def compute(
        self, texts: Mapping[str, str], deadline: float, request_id: str
    ) -> tuple[dict[str, Result], int]:
        """Have the misses of a request computed, and wait for their results; errors are those of `Predictor.predict`.

        Args:
            texts: the missing texts by key.
            deadline: deadline of the request, in seconds of the event loop's clock.
            request_id: id of the request.

        Returns:
            A result for each key, and the number of texts whose computation another request had started already.
        """
        flights, opened = self._board(texts, deadline, request_id)
        await asyncio.wait([f.outcome for f in flights], timeout=deadline - asyncio.get_running_loop().time())
        if traceparent.get():
            link_inferences((f.key, f.inference) for f in flights if f.counted in {"claimed", "coalesced"})
        shared = len(flights) - sum(flight.counted not in {"answered", "coalesced"} for flight in opened)
        return {flight.key: flight.result() for flight in flights}, shared

    def receive(self, key: str, result: Result) -> None:
        """Land the flight of a result; a record of the requested version is also stored in the cache."""
        if result.head and read_text_key(key) == (result.version, FORM):
            self._cache.keep(key, result.record)
        self._land(self._open.get(key), result)

    def claim_again(self) -> None:
        """Claim the text of every flight again, because results may have been published without a subscription."""
        for flight in self._open.values():
            flight.claiming()
            self._submit([flight])

    async def claim(self) -> None:
        """Claim texts in an endless loop; the misses that arrive during one step share the next step."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._to_claim:
                await self._claim([self._to_claim.popleft() for _ in range(min(len(self._to_claim), _GROUPS_AT_ONCE))])

    async def send(self) -> None:
        """Put the messages of the outbox into the queue, in an endless loop."""
        while True:
            await self._outbox.changed.wait()
            self._outbox.changed.clear()
            messages = self._outbox.take()
            keys = [item.key for item in chain.from_iterable(messages)]
            for key in keys:
                self._open[key].sent()
            if messages:
                try:
                    await self._broker.send(messages)
                except BrokerUnavailableError:
                    # The other texts in the outbox would fail too, after another wait.
                    for key in [*keys, *self._outbox.waiting]:
                        self._land(self._open.get(key), BrokerUnavailableError())

    def _board(self, texts: Mapping[str, str], deadline: float, request_id: str) -> tuple[list[Flight], list[Flight]]:
        """Join or open a flight for each text; return all these flights, and the newly opened ones."""
        estimate = self._admission.cost.estimate
        tokens = {key: estimate(text) for key, text in texts.items()}
        new = [need for key, need in tokens.items() if key not in self._open]
        self._admission.require(sum(tokens.values()), new)
        flights, opened = [], []
        for key, text in texts.items():
            flight = self._open.get(key)
            if flight is None:
                flight = self._open[key] = Flight(key, text, tokens[key], deadline, request_id, self._lapsed)
                opened.append(flight)
            else:
                flight.deadline = max(flight.deadline, deadline)
                self._claims["coalesced"] += 1
            flights.append(flight)
        if opened:
            self._submit(opened)
        return flights, opened

    def _submit(self, group: Sequence[Flight]) -> None:
        self._to_claim.append(group)
        self._work.set()

    async def _claim(self, groups: list[Sequence[Flight]]) -> None:
        asked = asyncio.get_running_loop().time()
        wanted, inferences = [self._group(group, asked) for group in groups], _inferences(groups)
        assumed = _milliseconds(asked + self._clock)
        messages = self._reserve(list(chain.from_iterable(groups)), asked, assumed)
        try:
            claims = await self._broker.claim(wanted, _LEASE_MS, inferences, messages, assumed)
        except BrokerUnavailableError:
            # The groups that arrived meanwhile fail too: another try would make them wait for a second time limit.
            groups += self._to_claim
            self._to_claim.clear()
            for flight in chain.from_iterable(groups):
                self._count(flight, "failed")
                self._land(flight, BrokerUnavailableError())
        else:
            now, flights = asyncio.get_running_loop().time(), list(chain.from_iterable(groups))
            self._clock = claims.now / 1000 - now
            for index, inference in claims.inferences.items():
                flights[index].inference = inference
            if messages and not claims.sent:
                for flight in flights:
                    self._outbox.close(flight.key)
            for flight, state in zip(flights, claims.states, strict=True):
                self._settle(flight, state, claims, now, asked + _LEASE_MS / 1000)

    def _reserve(self, flights: Sequence[Flight], now: float, assumed: int) -> list[list[Item]]:
        """Return messages with the texts of all flights, to be sent with their claims; none if they must wait.

        Args:
            flights: the flights that are about to be claimed.
            now: time of the event loop.
            assumed: the broker's clock (ms) at that time, as far as it is known.
        """
        if not self._clock or any(flight.state != "claiming" for flight in flights):
            return []
        return self._outbox.reserve([_item(f, assumed + _milliseconds(f.deadline - now)) for f in flights])

    def _group(self, group: Sequence[Flight], now: float) -> Group:
        seconds, tokens = max(flight.deadline for flight in group) - now, sum(flight.tokens for flight in group)
        texts = [(flight.key, flight.tokens, _milliseconds(flight.deadline - now)) for flight in group]
        return self._admission.limit(seconds, tokens), texts

    def _settle(self, flight: Flight, state: Result | int, claims: Claims, now: float, leased: float) -> None:
        """Change a flight's state by the broker's reply to its claim; a granted claim lasts until `leased` at least."""
        if isinstance(state, Result):
            self._count(flight, "answered")
            self.receive(flight.key, state)
            return
        self._count(flight, _COUNTED_AS.get(state, "coalesced"))
        if flight.state in ("awaited", "landed"):
            return  # it has changed since the call of the broker
        if state == REFUSED:
            self._land(flight, self._admission.refused(claims.backlog, flight.deadline - now))
        elif state == CLAIMED:
            budget = _milliseconds(flight.deadline - now)
            flight.claimed(now, now + budget / 1000)
            if claims.sent:
                flight.sent()
            else:
                self._outbox.put(_item(flight, claims.now + budget), leased)
        else:
            self._outbox.withdraw(flight.key)
            flight.awaited(now + state / 1000)

    def _count(self, flight: Flight, outcome: str) -> None:
        """Count the outcome of a flight's first claim, but not those of later claims."""
        if not flight.counted:
            flight.counted = outcome
            self._claims[outcome] += 1

    def _lapsed(self, flight: Flight) -> None:
        now = asyncio.get_running_loop().time()
        if flight.state == "awaited" and flight.until > now:
            flight.awaited(flight.until)
        elif flight.deadline - now > _TOO_LATE:
            flight.claiming()
            self._submit([flight])
        else:
            self._land(flight, DeadlineExceededError())

    def _land(self, flight: Flight | None, outcome: Outcome) -> None:
        """Land a flight with an outcome; if there is no flight or it has landed, the outcome is dropped."""
        if flight is not None and flight.state != "landed":
            del self._open[flight.key]
            flight.land(outcome)
            self._outbox.close(flight.key)


def _inferences(groups: Sequence[Sequence[Flight]]) -> list[str]:
    """Set and return the trace context of each flight's own inference; none if no flight is traced."""
    flights = list(chain.from_iterable(groups))
    if not any(flight.trace for flight in flights):
        return []
    for flight in flights:
        flight.inference = inference_context(flight.trace, flight.key)
    return [flight.inference for flight in flights]


def _item(flight: Flight, deadline: int) -> Item:
    return Item(flight.key, flight.text, flight.tokens, deadline, flight.request_id, flight.trace)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
