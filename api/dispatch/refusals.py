"""Refusals without the routes and without the broker, for as long as the backlog is known to be too large."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence, Set

from api.dispatch.admission import Admission
from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.metrics.tallies import Tallies
from shared.broker.keys import text_key
from shared.contract.errors import OverloadedError, SentimentError


class Refusals:
    """Refuses the requests that `Predictor.predict` would refuse without a call of the broker.

    Args:
        admission: knows whether the broker has just refused misses.
        cache: the caches of answers.
        watch: knows the active version.
        flights: the misses under way, which further requests may share.
        tallies: counts the lookups.
    """

    def __init__(
        self, admission: Admission, cache: AnswerCache, watch: FleetWatch, flights: Flights, tallies: Tallies
    ) -> None:
        self._admission = admission
        self._cache = cache
        self._watch = watch
        self._flights = flights
        self._lookups = tallies.lookups
        self._wanted: list[str] = []
        """Keys that the next lookup in Redis is for."""
        self._running: asyncio.Task[Set[str]] | None = None
        self._next: asyncio.Task[Set[str]] | None = None

    @property
    def likely(self) -> bool:
        """Whether the broker has just refused misses, so that it is worth calling `decide`."""
        return self._admission.closed

    async def decide(self, texts: Sequence[str]) -> OverloadedError | None:
        """Return the error for a request that must be refused, and count it; None if `Predictor.predict` must answer.

        Redis is asked for the missing answers before, so that no text with an answer is refused.
        """
        version = self._watch.fleet.active
        keys = {text_key(version, text): text for text in texts}
        estimate = self._admission.cost.estimate
        missing = {key: estimate(text) for key, text in keys.items() if self._cache.get_local(key) is None}
        if not self._admission.full(self._new(missing)) or not missing.keys().isdisjoint(await self._found(missing)):
            return None
        try:
            self._admission.require(sum(missing.values()), self._new(missing))
        except OverloadedError as error:
            self._lookups["held"] += len(keys) - len(missing)
            self._lookups["missed"] += len(missing)
            return error
        except SentimentError:
            return None
        return None

    def _new(self, missing: dict[str, int]) -> list[int]:
        """Return the estimated tokens of each missing text that has no flight yet."""
        return [tokens for key, tokens in missing.items() if key not in self._flights]

    def _found(self, keys: Iterable[str]) -> Awaitable[Set[str]]:
        """Look keys up in Redis; all requests that arrive during one lookup share the next one, which saves CPU."""
        self._wanted += keys
        if self._next is None:
            self._next = asyncio.create_task(self._look_up(self._running))
        return self._next

    async def _look_up(self, before: asyncio.Task[Set[str]] | None) -> Set[str]:
        if before is not None:
            await asyncio.wait([before])
        keys, self._wanted = self._wanted, []
        self._running, self._next = self._next, None
        return await self._cache.find(keys)
