"""Claiming misses.

One claim is on its way at a time; misses that arrive meanwhile travel together in the next one, so a burst costs
a few round trips, not one for each text.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import chain, islice
from typing import Final

from redis.exceptions import RedisError

from api.dispatch.admission import overloaded, queue_limit
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flight, Flights
from api.dispatch.outbox import Outbox
from api.metrics.tallies import Tallies
from api.redis.link import Link
from shared.broker.keys import Keyspace
from shared.broker.scripts.claims import CLAIMED, REFUSED, Claims, Group, State, claim
from shared.contract.errors import BrokerUnavailableError, DeadlineExceededError
from shared.contract.names import Item
from shared.contract.results import Result

logger = logging.getLogger(__name__)

_FAILED: Final = -3
"""Not from the broker, which did not answer."""
_OUTCOMES: Final = {CLAIMED: "claimed", REFUSED: "refused", _FAILED: "failed"}
_GROUPS_AT_ONCE: Final = 64
_GRACE: Final = 0.005
"""Seconds after which a lapsed claim is looked at again: it has surely lapsed on the broker by then."""
_LEASE: Final = 0.5
"""Seconds for which a text is claimed that is not sent yet: if this process dies, another takes it after that."""
_RENEW: Final = 0.3
"""Seconds after which such a text is claimed again."""
_FULL_FOR: Final = 0.05
"""Seconds for which a full queue is taken to be full: much less than what is in it takes."""
_TOO_LATE: Final = 0.01
"""Seconds before its deadline when a flight is given up rather than claimed again."""


class Claimer:
    """Puts flights on their way and brings back the ones whose claims have lapsed.

    Args:
        link: to the broker.
        keys: where claims and queues live.
        channel: this process's reply channel.
        flights: where outcomes go.
        watch: what the fleet can take.
        outbox: sends what was claimed.
        limit: longest wait for the broker, in seconds.
        tallies: where claims are counted.
    """

    def __init__(
        self,
        link: Link,
        *,
        keys: Keyspace,
        channel: str,
        flights: Flights,
        watch: FleetWatch,
        outbox: Outbox,
        limit: float,
        tallies: Tallies,
    ) -> None:
        self._link = link
        self._keys = keys
        self._channel = channel
        self._flights = flights
        self._watch = watch
        self._outbox = outbox
        self._limit = limit
        self._tallies = tallies
        self._waiting: deque[Sequence[Flight]] = deque()
        self._work = asyncio.Event()
        self._full_until = 0.0
        self._backlog = self._room = 0

    def submit(self, group: Sequence[Flight]) -> None:
        """Claim the flights of one request; they are admitted or refused together."""
        self._waiting.append(group)
        self._work.set()

    def require_room(self, tokens: int) -> None:
        """Refuse without asking the broker what it has just refused to others; the queue stays deep for longer.

        Raises:
            OverloadedError: this much would not fit.
        """
        if tokens > self._room and asyncio.get_running_loop().time() < self._full_until:
            raise overloaded(self._backlog, self._watch.fleet)

    def resubmit_all(self) -> None:
        """Look at every open flight again: results may have been published while nobody listened."""
        for flight in self._flights:
            self.submit([flight])

    async def run(self) -> None:
        """Claim for ever."""
        while True:
            await self._work.wait()
            groups = list(islice(iter(self._take, None), _GROUPS_AT_ONCE))
            if groups:
                await self._claim(groups)

    def _take(self) -> Sequence[Flight] | None:
        if not self._waiting:
            self._work.clear()
            return None
        return self._waiting.popleft()

    async def _claim(self, groups: Sequence[Sequence[Flight]]) -> None:
        flights = list(chain.from_iterable(groups))
        asked = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._limit):
                reply = await self._ask(groups)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("claiming failed", extra={"reason": type(error).__name__, "texts": len(flights)})
            self._watch.wake()
            # Those who came meanwhile have waited as well; another try would make them wait twice as long.
            while group := self._take():
                flights += group
            for flight in flights:
                self._count(flight, _FAILED)
                self._flights.land(flight.key, BrokerUnavailableError())
        else:
            self._outbox.put(self._sort(flights, reply, asked + _LEASE))

    async def _ask(self, groups: Sequence[Sequence[Flight]]) -> Claims:
        now = asyncio.get_running_loop().time()
        wanted = [self._group(flights, now) for flights in groups]
        lease = _milliseconds(_LEASE)
        return await self._link.run(claim(self._keys, channel=self._channel, lease=lease, groups=wanted))

    def _group(self, flights: Sequence[Flight], now: float) -> Group:
        budget, need = max(f.deadline for f in flights) - now, sum(f.tokens for f in flights)
        texts = [(f.key, f.tokens, _milliseconds(f.deadline - now)) for f in flights]
        return queue_limit(self._watch.fleet, budget, need), texts

    def _sort(self, flights: Sequence[Flight], reply: Claims, held: float) -> list[tuple[Flight, Item]]:
        """Land what is decided, set a timer for what is not, and return what to send, held until then at least."""
        clock, backlog, states = reply
        now = asyncio.get_running_loop().time()
        claimed = []
        for flight, state in zip(flights, states, strict=True):
            self._count(flight, state)
            if isinstance(state, Result):
                self._flights.land(flight.key, state)
            elif state == REFUSED:
                self._refuse(flight, backlog, now)
            elif state == CLAIMED:
                flight.foreign = False
                budget = _milliseconds(flight.deadline - now)
                item = Item(flight.key, flight.text, flight.tokens, clock + budget, flight.request_id, flight.trace)
                claimed.append((flight, item))
                flight.held = held
                flight.until = now + budget / 1000
                self._look_again(flight, min(flight.until - now, _RENEW))
            else:
                self._outbox.drop(flight.key)
                self._look_again(flight, state / 1000)
        return claimed

    def _count(self, flight: Flight, state: State) -> None:
        """Take note of what became of a claim, once for each text: what is asked again was ours or is counted."""
        if not flight.counted:
            flight.counted = True
            outcome = "answered" if isinstance(state, Result) else _OUTCOMES.get(state, "coalesced")
            flight.foreign = outcome in {"answered", "coalesced"}
            self._tallies.claims[outcome] += 1

    def _refuse(self, flight: Flight, backlog: int, now: float) -> None:
        most = queue_limit(self._watch.fleet, flight.deadline - now, 0)
        self._full_until, self._backlog, self._room = now + _FULL_FOR, backlog, most - backlog
        self._flights.land(flight.key, overloaded(backlog, self._watch.fleet))

    def _look_again(self, flight: Flight, seconds: float) -> None:
        if flight.lapse is not None:
            flight.lapse.cancel()
        flight.lapse = asyncio.get_running_loop().call_later(seconds + _GRACE, self._lapsed, flight)

    def _lapsed(self, flight: Flight) -> None:
        """Claim a text again that was not sent yet, or that its claimer no longer waits for but somebody here does."""
        now = asyncio.get_running_loop().time()
        if flight.future.done():
            return
        if flight.parcel is not None and flight.until > now:
            self._look_again(flight, flight.until - now)
        elif flight.deadline - now > _TOO_LATE:
            self.submit([flight])
        else:
            self._flights.land(flight.key, DeadlineExceededError())


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
