"""Texts in, answers out: what a route calls."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from api.dispatch.admission import require_feasible
from api.dispatch.cache import AnswerCache
from api.dispatch.claimer import Claimer
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flight, Flights
from api.metrics.tallies import Tallies
from shared.broker.keys import text_key
from shared.contract.errors import BrokerUnavailableError, DeadlineExceededError, NoWorkerError, OverloadedError
from shared.contract.results import Result
from shared.contract.tokens import estimate_tokens


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one request's texts, in their order. Times in seconds."""

    bodies: list[bytes]
    """One JSON prediction for each text, or its error in its place."""
    misses: int
    """Distinct texts that had to be computed."""
    lookup: float = 0.0
    wait: float = 0.0
    inference: float = 0.0
    """The longest inference among them, on the worker."""
    found: int = 0
    """Distinct texts that Redis had."""
    shared: int = 0
    """Misses that somebody else was having computed already."""

    @property
    def hits(self) -> int:
        """Texts answered from a cache or by an equal text of the same request."""
        return len(self.bodies) - self.misses


class Predictor:
    """Answers from the cache and sends the rest to the workers.

    Args:
        cache: where answers are looked up.
        watch: the fleet and the active version.
        flights: misses under way in this process.
        claimer: puts misses on their way.
        deadline: seconds after which a request gets no answer any more.
        tallies: where lookups are counted.
    """

    def __init__(
        self,
        *,
        cache: AnswerCache,
        watch: FleetWatch,
        flights: Flights,
        claimer: Claimer,
        deadline: float,
        tallies: Tallies,
    ) -> None:
        self._cache = cache
        self._watch = watch
        self._flights = flights
        self._claimer = claimer
        self._deadline = deadline
        self._lookups = tallies.lookups
        self._claims = tallies.claims

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
        found, missing = self._look_here(dict(zip(keys, texts, strict=True)))
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
            return Answers([found[key] for key in keys], 0, lookup=looked_up - started, found=len(remote))
        results, shared = await self._compute(missing, deadline, request_id)
        found |= {key: result.body for key, result in results.items()}
        return Answers(
            [found[key] for key in keys],
            len(results),
            lookup=looked_up - started,
            wait=perf_counter() - looked_up,
            inference=max(result.micros for result in results.values()) / 1e6,
            found=len(remote),
            shared=shared,
        )

    def receive(self, key: str, result: Result) -> None:
        """Take a result from a worker; keep it only under the version that computed it."""
        self._keep(key, result)
        self._flights.land(key, result)

    def _version(self) -> str:
        if self._watch.fleet.active:
            return self._watch.fleet.active
        raise NoWorkerError if self._watch.broker_up else BrokerUnavailableError

    def _look_here(self, wanted: dict[str, str]) -> tuple[dict[str, bytes], dict[str, str]]:
        found, missing = {}, {}
        for key, text in wanted.items():
            value = self._cache.get_local(key)
            if value is None:
                missing[key] = text
            else:
                found[key] = value
        return found, missing

    async def _compute(
        self, missing: dict[str, str], deadline: float, request_id: str
    ) -> tuple[dict[str, Result], int]:
        """Return a result for each missing text, and how many of them somebody else was having computed."""
        fleet = self._watch.require_workers()
        tokens = {key: estimate_tokens(text) for key, text in missing.items()}
        require_feasible(sum(tokens.values()), fleet, self._deadline)
        new = sum(tokens[key] for key in missing if key not in self._flights)
        if new:
            self._require_room(new, sum(key not in self._flights for key in missing))
        aboard, opened = [], []
        for key, text in missing.items():
            flight = self._flights.join(key, deadline)
            if flight is not None:
                self._claims["coalesced"] += 1
            else:
                flight = Flight(key, text, tokens[key], deadline, request_id)
                self._flights.add(flight)
                opened.append(flight)
            aboard.append(flight)
        if opened:
            self._claimer.submit(opened)
        await asyncio.wait([flight.future for flight in aboard], timeout=deadline - asyncio.get_running_loop().time())
        shared = len(aboard) - sum(not flight.foreign for flight in opened)
        return {flight.key: self._outcome(flight) for flight in aboard}, shared

    def _require_room(self, tokens: int, texts: int) -> None:
        try:
            self._claimer.require_room(tokens)
        except OverloadedError:
            self._claims["refused"] += texts
            raise

    def _outcome(self, flight: Flight) -> Result:
        if not flight.future.done():
            raise DeadlineExceededError
        outcome = flight.future.result()
        if not isinstance(outcome, Result):
            raise outcome.with_traceback(None)  # shared by all who wait; a traceback would grow with each
        self._keep(flight.key, outcome)
        return outcome

    def _keep(self, key: str, result: Result) -> None:
        if not result.failed and key.startswith(f"{result.version}:"):
            self._cache.keep(key, result.body)
