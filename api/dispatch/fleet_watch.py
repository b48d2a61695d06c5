"""The last known fleet and active version, so that a request needs no round trip for them."""

import asyncio
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.broker.fleet import ASSUMED, Fleet
from shared.broker.keys import Keyspace
from shared.broker.scripts import fleet
from shared.broker.scripts.callers import run
from shared.contract.card import ModelCard
from shared.contract.jobs import result_bytes
from shared.contract.names import Lane
from shared.contract.tokens import Cost

logger = logging.getLogger(__name__)

_REFRESH_SECONDS = 0.5


class FleetWatch:
    """The last known fleet, refreshed every half second and whenever a change of the fleet is announced.

    Args:
        redis: client of the broker.
        keys: the service's key names.
        limit: longest wait for one refresh, in seconds.
    """

    def __init__(self, redis: Redis, keys: Keyspace, limit: float) -> None:
        self._keys = keys
        self._limit = limit
        self._redis = redis
        self._changed = asyncio.Event()
        self.fleet = Fleet()
        """The fleet as last read; it is kept while the broker does not answer."""
        self.processes = 0
        """Number of live model processes that serve synchronous requests."""
        self.rate = 0.0
        """Estimated tokens that they process in a second together."""
        self.card: ModelCard | None = None
        """The card of the active version as last read; None if neither broker nor workers have told it."""
        self._stored = ""
        """Version of the card, if the broker has told it."""
        self.cost = Cost()
        """Estimates the work of the active version for a text."""
        self.result_bytes = result_bytes(ASSUMED)
        """Bytes that are counted for the result of a job's text."""
        self.broker_up = False
        """Whether the broker answered the last refresh."""

    def wake(self) -> None:
        """Make `watch` refresh at once, because the fleet has changed or a command has failed."""
        self._changed.set()

    async def refresh(self) -> None:
        """Read the registry, set `broker_up`, and log a change of it."""
        try:
            async with asyncio.timeout(self._limit):
                self._take(await run(self._redis.execute_command, fleet.read(self._keys, known=self._stored)))
            up = True
        except (RedisError, OSError, TimeoutError):
            up = False
        if up != self.broker_up:
            level, state = (
                (logging.INFO, "there") if up else (logging.WARNING, "away: only cached answers until it is back")
            )
            logger.log(level, "broker is %s", state)
        self.broker_up = up

    def _take(self, fleet: Fleet) -> None:
        """Store a fleet, the figures that every miss reads, and the card of its active version."""
        before = self.card
        if fleet.card:
            self.card, self._stored = fleet.card, fleet.active
        elif fleet.active != self._stored:
            kept = self.card if self.card and self.card.version == fleet.active else None
            self.card, self._stored = fleet.announced or kept, ""
        if self.card is not before:
            bounds = self.card or ASSUMED
            self.cost, self.result_bytes = bounds.cost, result_bytes(bounds)
        self.fleet = fleet
        self.processes = len(fleet.serving(Lane.INTERACTIVE))
        self.rate = fleet.rate(Lane.INTERACTIVE)

    async def watch(self) -> None:
        """Refresh in an endless loop: every half second, and at once after `wake`."""
        while True:
            self._changed.clear()
            await self.refresh()
            try:
                async with asyncio.timeout(_REFRESH_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                continue
