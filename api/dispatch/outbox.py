"""Claimed texts on their way into the queue, a few messages at a time.

A message costs the worker more than a short text does. While as many messages are under way as keep every model
process busy, texts wait here and leave together, shared out evenly; they stay claimed and counted in the backlog.
"""

import asyncio
import logging
from collections.abc import Sequence
from itertools import chain
from typing import Final

from redis.exceptions import RedisError

from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flight, Flights
from api.redis.link import Link
from shared.broker.keys import Keyspace
from shared.broker.scripts.claims import send
from shared.contract.errors import BrokerUnavailableError
from shared.contract.messages import encode_message
from shared.contract.names import Item, Lane

logger = logging.getLogger(__name__)

_AHEAD: Final = 1.5
"""Messages under way for each model process: the one that it runs, and for every second one the next. With two of them,
messages are smaller and cost more a text; with one, processes wait."""
_PATIENCE: Final = 0.25
"""Seconds after which a message holds nobody back any longer: its worker may have died, or be slow."""


class Parcel:
    """A message under way; it is over when the last of its texts has an outcome, or patience ends."""

    __slots__ = ("left", "timer")

    def __init__(self, left: int) -> None:
        self.left = left
        self.timer: asyncio.TimerHandle | None = None


class Outbox:
    """Sends claimed texts to the workers.

    Args:
        link: to the broker.
        keys: where queue and claims are.
        flights: whose outcomes free the way; they hear of a broker that is away.
        watch: how many model processes there are.
        limit: longest wait for the broker, in seconds.
        chunk_tokens: most estimated tokens in one message of several texts.
    """

    def __init__(
        self, link: Link, keys: Keyspace, *, flights: Flights, watch: FleetWatch, limit: float, chunk_tokens: int
    ) -> None:
        self._link = link
        self._keys = keys
        self._flights = flights
        self._watch = watch
        self._limit = limit
        self._chunk_tokens = chunk_tokens
        self._waiting: dict[str, tuple[Flight, Item]] = {}
        self._tokens = 0
        self._under_way: set[Parcel] = set()
        self._work = asyncio.Event()
        flights.on_landed = self._landed

    def put(self, claimed: Sequence[tuple[Flight, Item]]) -> None:
        """Send texts as soon as there is room for a message."""
        for flight, item in claimed:
            if flight.key not in self._waiting:
                self._tokens += item.tokens
            flight.parcel = None
            self._waiting[flight.key] = flight, item
        self._work.set()

    def drop(self, key: str) -> None:
        """Do not send a text, if it is still here: it has an outcome, or somebody else has claimed it meanwhile."""
        entry = self._waiting.pop(key, None)
        if entry is not None:
            self._tokens -= entry[1].tokens

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            batches = []
            processes = max(1, len(self._watch.fleet.serving(Lane.INTERACTIVE)))
            while self._waiting and len(self._under_way) < _AHEAD * processes:
                if batch := self._take(min(self._chunk_tokens, self._tokens // processes)):
                    self._start(batch)
                    batches.append([item for _, item in batch])
            if batches:
                await self._push(batches)

    def _take(self, most: int) -> list[tuple[Flight, Item]]:
        """Take the oldest texts, at least one if there is any, up to so many estimated tokens.

        What this process has held for too long, because it stood still, is left to its claimer, who asks again:
        somebody else may have it by now.
        """
        taken: list[tuple[Flight, Item]] = []
        room, now = most, asyncio.get_running_loop().time()
        while self._waiting:
            key = next(iter(self._waiting))
            flight, item = self._waiting[key]
            if taken and item.tokens > room:
                break
            self.drop(key)
            if flight.held < now:
                continue
            taken.append((flight, item))
            room -= item.tokens
        return taken

    def _start(self, batch: Sequence[tuple[Flight, Item]]) -> None:
        parcel = Parcel(len(batch))
        parcel.timer = asyncio.get_running_loop().call_later(_PATIENCE, self._over, parcel)
        self._under_way.add(parcel)
        for flight, _ in batch:
            flight.parcel = parcel

    async def _push(self, batches: Sequence[Sequence[Item]]) -> None:
        items = list(chain.from_iterable(batches))
        messages = [encode_message(batch, Lane.INTERACTIVE) for batch in batches]
        try:
            async with asyncio.timeout(self._limit):
                await self._link.run(send(self._keys, messages=messages, items=items))
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("queueing failed", extra={"reason": type(error).__name__, "messages": len(batches)})
            self._watch.wake()
            # Those who wait behind them would only wait as long again.
            for key in [*(item.key for item in items), *self._waiting]:
                self._flights.land(key, BrokerUnavailableError())

    def _landed(self, flight: Flight) -> None:
        self.drop(flight.key)
        if flight.parcel is not None:
            flight.parcel.left -= 1
            if not flight.parcel.left:
                self._over(flight.parcel)

    def _over(self, parcel: Parcel) -> None:
        if parcel in self._under_way:
            self._under_way.remove(parcel)
            if parcel.timer is not None:
                parcel.timer.cancel()
            self._work.set()
