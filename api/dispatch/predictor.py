"""Predictions for the texts of a request: from a cache, or computed by a worker."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.metrics.tallies import Tallies
from shared.broker.keys import text_key
from shared.contract.errors import BrokerUnavailableError, NoWorkerError
from shared.contract.record import Record


class Answers(NamedTuple):
    """The answers to the texts of one request. Times are in seconds."""

    records: list[Record]
    """A prediction or an error for each text, in the order of the texts."""
    misses: int
    """Number of distinct texts that had to be computed."""
    hits: int = 0
    """Number of texts that were answered from a cache, or by an equal text of the same request."""
    lookup: float = 0.0
    """Time of the lookup in both caches."""
    wait: float = 0.0
    """Time for which the request waited for the results of its misses."""
    inference: float = 0.0
    """Time of the longest inference of a miss on a worker."""
    found: int = 0
    """Number of distinct texts that were found in Redis."""
    shared: int = 0
    """Number of misses whose computation another request had started already."""


class Predictor:
    """Answers texts from the cache, and has the missing ones computed by workers.

    Args:
        cache: the caches of answers.
        watch: knows the active version.
        flights: has misses computed.
        deadline: seconds that a request may take.
        tallies: counts the lookups.
    """

    def __init__(
        self,
        *,
        cache: AnswerCache,
        watch: FleetWatch,
        flights: Flights,
        deadline: float,
        tallies: Tallies,
    ) -> None:
        self._cache = cache
        self._watch = watch
        self._flights = flights
        self._deadline = deadline
        self._lookups = tallies.lookups

    def held(self, texts: Sequence[str]) -> Answers | None:
        """Return the answers to all texts if each of them is in this process's memory, otherwise None."""
        version, records = self._watch.fleet.active, []
        for text in texts:
            record = self._cache.get_local(text_key(version, text))
            if record is None:
                return None
            records.append(record)
        self._lookups["held"] += len(set(texts))
        return Answers(records, 0, len(records))

    async def predict(self, texts: Sequence[str], request_id: str) -> Answers:
        """Return an answer for every text; equal texts are computed once.

        Raises:
            NoWorkerError, BrokerUnavailableError, OverloadedError: a miss cannot be computed now.
            TooMuchWorkError: even idle workers could not compute the misses in time.
            DeadlineExceededError: not every answer was ready at the deadline.
        """
        deadline = asyncio.get_running_loop().time() + self._deadline
        started = perf_counter()  # the event loop's clock may have a resolution of a millisecond
        version = self._version()
        keys = [text_key(version, text) for text in texts]
        found: dict[str, Record] = {}
        missing: dict[str, str] = {}
        for key, text in dict(zip(keys, texts, strict=True)).items():
            if (record := self._cache.get_local(key)) is None:
                missing[key] = text
            else:
                found[key] = record
        self._lookups["held"] += len(found)
        remote: dict[str, Record] = {}
        if missing:
            remote = await self._cache.get_remote(list(missing))
            found |= remote
            missing = {key: text for key, text in missing.items() if key not in remote}
            self._lookups["found"] += len(remote)
            self._lookups["missed"] += len(missing)
        looked_up = perf_counter()
        if not missing:
            records = [found[key] for key in keys]
            return Answers(records, 0, len(records), lookup=looked_up - started, found=len(remote))
        results, shared = await self._flights.compute(missing, deadline, request_id)
        found |= {key: result.record for key, result in results.items()}
        return Answers(
            [found[key] for key in keys],
            misses=len(results),
            hits=len(keys) - len(results),
            lookup=looked_up - started,
            wait=perf_counter() - looked_up,
            inference=max(result.micros for result in results.values()) / 1e6,
            found=len(remote),
            shared=shared,
        )

    def _version(self) -> str:
        if self._watch.fleet.active:
            return self._watch.fleet.active
        raise NoWorkerError if self._watch.broker_up else BrokerUnavailableError
