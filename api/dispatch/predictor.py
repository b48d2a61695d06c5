"""Predictions for the texts of a request: from a cache, or computed by a worker."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.metrics.tallies import Tallies
from shared.broker.keys import text_key
from shared.contract.errors import BrokerUnavailableError, NoWorkerError


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one request's texts, in their order. Times in seconds."""

    bodies: list[bytes]
    """One JSON prediction for each text, or its error in its place."""
    misses: int
    """Distinct texts that had to be computed."""
    hits: int = 0
    """Texts answered from a cache or by an equal text of the same request."""
    lookup: float = 0.0
    wait: float = 0.0
    inference: float = 0.0
    """The longest inference among them, on the worker."""
    found: int = 0
    """Distinct texts that Redis had."""
    shared: int = 0
    """Misses that were being computed for another request already."""


class Predictor:
    """Answers from the cache and sends the rest to the workers.

    Args:
        cache: where answers are looked up.
        watch: the fleet and the active version.
        flights: has misses computed.
        deadline: seconds after which a request gets no answer any more.
        tallies: where lookups are counted.
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

    def held(self, texts: Sequence[str]) -> list[bytes] | None:
        """Return the answers to all texts if this process holds every one of them."""
        version, bodies = self._watch.fleet.active, []
        for text in texts:
            body = self._cache.get_local(text_key(version, text))
            if body is None:
                return None
            bodies.append(body)
        self._lookups["held"] += len(set(texts))
        return bodies

    async def predict(self, texts: Sequence[str], request_id: str) -> Answers:
        """Answer every text, equal texts once.

        Raises:
            NoWorkerError, BrokerUnavailableError, OverloadedError: a miss cannot be computed now.
            TooMuchWorkError: the misses can never be computed in time.
            DeadlineExceededError: not every answer came in time.
        """
        deadline = asyncio.get_running_loop().time() + self._deadline
        started = perf_counter()  # the loop's clock may tick in whole milliseconds
        version = self._version()
        keys = [text_key(version, text) for text in texts]
        found: dict[str, bytes] = {}
        missing: dict[str, str] = {}
        for key, text in dict(zip(keys, texts, strict=True)).items():
            if (body := self._cache.get_local(key)) is None:
                missing[key] = text
            else:
                found[key] = body
        self._lookups["held"] += len(found)
        remote: dict[str, bytes] = {}
        if missing:
            remote = await self._cache.get_remote(list(missing))
            found |= remote
            missing = {key: text for key, text in missing.items() if key not in remote}
            self._lookups["found"] += len(remote)
            self._lookups["missed"] += len(missing)
        looked_up = perf_counter()
        if not missing:
            bodies = [found[key] for key in keys]
            return Answers(bodies, 0, len(bodies), lookup=looked_up - started, found=len(remote))
        results, shared = await self._flights.compute(missing, deadline, request_id)
        found |= {key: result.body for key, result in results.items()}
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
