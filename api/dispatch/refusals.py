"""Refusals without the routes and without the broker, for as long as the backlog is known to be too large."""

import asyncio
from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

from api.dispatch.admission import Admission
from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.metrics.tallies import Tallies
from shared.broker.keys import text_key
from shared.contract.errors import OverloadedError, SentimentError

Then = Callable[[Exception | None], None]


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
        self._undecided: list[_Request] = []
        """The requests that the next lookup in Redis is for."""
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    def decide(self, texts: Sequence[str], then: Then) -> bool:
        """Decide whether a request must be refused; return False if `Predictor.predict` must answer it.

        Redis is asked for the missing answers before, so that no text with an answer is refused. All requests that
        arrive during one lookup share the next one, which saves CPU.

        Args:
            texts: the texts of the request.
            then: called later with the error for a request that is refused, which is also counted, or with the one that
                ended the lookup; with None if `Predictor.predict` must answer. It is not called if False is returned.
        """
        version = self._watch.fleet.active
        keys = {text_key(version, text): text for text in texts}
        estimate = self._admission.cost.estimate
        missing = {key: estimate(text) for key, text in keys.items() if self._cache.get_local(key) is None}
        if not self._admission.full(self._new(missing)):
            return False
        self._undecided.append(_Request(len(keys), missing, then))
        if self._next is None:
            self._next = asyncio.create_task(self._look_up(self._running))
        return True

    async def _look_up(self, before: asyncio.Task[None] | None) -> None:
        """Decide about all requests that wait, after the lookup that runs."""
        if before is not None:
            await asyncio.wait([before])
        requests, self._undecided = self._undecided, []
        self._running, self._next = self._next, None
        try:
            found = await self._cache.find([key for request in requests for key in request.missing])
        except Exception as error:
            for request in requests:
                request.then(error)
        else:
            for request in requests:
                request.then(self._refuse(request, found))

    def _refuse(self, request: "_Request", found: Set[str]) -> OverloadedError | None:
        """Return the error for a request that must be refused, and count it."""
        missing = request.missing
        if not missing.keys().isdisjoint(found):
            return None
        try:
            self._admission.require(sum(missing.values()), self._new(missing))
        except OverloadedError as error:
            self._lookups["held"] += request.texts - len(missing)
            self._lookups["missed"] += len(missing)
            return error
        except SentimentError:
            return None
        return None

    def _new(self, missing: dict[str, int]) -> list[int]:
        """Return the estimated tokens of each missing text that has no flight yet."""
        return [tokens for key, tokens in missing.items() if key not in self._flights]


class _Request(NamedTuple):
    """A request about which nothing is decided."""

    texts: int
    """Number of its distinct texts."""
    missing: dict[str, int]
    """Estimated tokens of those that this process has no answer of, by key."""
    then: Then
