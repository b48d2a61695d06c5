"""Parts around a flight that do as a test says."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from api.dispatch.admission import Admission
from api.dispatch.broker_steps import BrokerSteps
from api.dispatch.cache import AnswerCache
from api.dispatch.fleet_watch import FleetWatch
from api.dispatch.flights import Flights
from api.dispatch.outbox import Outbox
from api.metrics.tallies import Tallies
from shared.broker.scripts.claims import CLAIMED, Claims, Group
from shared.contract.errors import BrokerUnavailableError
from shared.contract.names import Item
from shared.contract.record import Record
from shared.contract.results import Result
from shared.contract.tokens import Cost

RATE = 1000.0
DEADLINE = 60.0
Asked = asyncio.Task[tuple[dict[str, Result], int]]


class Watch:
    """A fleet that does not change."""

    broker_up = True
    cost = Cost()

    def __init__(self, processes: int = 2, rate: float = RATE) -> None:
        self.processes = processes
        self.rate = rate


class Cache:
    """Remembers how often an answer was kept."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Record]] = []

    def keep(self, key: str, value: Record) -> None:
        self.kept.append((key, value))


class Steps:
    """The broker's steps: claims are granted, unless a test says otherwise, and wait while `open` is not set."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.sent: list[list[str]] = []
        self.along: list[list[str]] = []
        """Messages that were queued with claims."""
        self.state: Callable[[str], Result | int] = lambda _: CLAIMED
        self.backlog = 0
        self.away = False
        self.queues = False
        """Whether messages that are sent along with granted claims are queued."""
        self.open = asyncio.Event()
        self.open.set()

    async def claim(
        self,
        groups: Sequence[Group],
        lease: int,  # noqa: ARG002
        inferences: Sequence[str] = (),  # noqa: ARG002
        messages: Sequence[Sequence[Item]] = (),
        assumed: int = 0,  # noqa: ARG002
    ) -> Claims:
        keys = [key for _, texts in groups for key, _, _ in texts]
        self.asked.append(keys)
        states = [self.state(key) for key in keys]
        await self.open.wait()
        self._require()
        sent = self.queues and bool(messages) and all(state == CLAIMED for state in states)
        if sent:
            self.along += [[item.key for item in message] for message in messages]
        return Claims(1_000_000, self.backlog, states, {}, sent)

    async def send(self, messages: Sequence[Sequence[Item]]) -> None:
        self._require()
        self.sent += [[item.key for item in message] for message in messages]

    def _require(self) -> None:
        if self.away:
            raise BrokerUnavailableError


class Bench:
    """Flights with all around them. Use it as a context, inside a loop."""

    def __init__(self, processes: int = 2) -> None:
        self.steps, self.cache, self.tallies = Steps(), Cache(), Tallies()
        watch = cast("FleetWatch", Watch(processes))
        self.outbox = Outbox(watch, 128)
        self.admission = Admission(watch, DEADLINE, self.tallies)
        self.flights = Flights(
            cast("BrokerSteps", self.steps),
            self.outbox,
            admission=self.admission,
            cache=cast("AnswerCache", self.cache),
            tallies=self.tallies,
        )

    async def __aenter__(self) -> "Bench":
        self._loops = [asyncio.create_task(self.flights.claim()), asyncio.create_task(self.flights.send())]
        return self

    async def __aexit__(self, *error: object) -> None:
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def ask(self, *keys: str, seconds: float = DEADLINE) -> Asked:
        """Ask for texts as a request does."""
        deadline = asyncio.get_running_loop().time() + seconds
        return asyncio.create_task(self.flights.compute(dict.fromkeys(keys, "a text"), deadline, "r"))

    async def fill(self) -> list[Asked]:
        """Have as many messages under way as one model process may have: a and b."""
        asked = []
        for key in ("v.2:a", "v.2:b"):
            asked.append(self.ask(key))
            await self.settle()
        return asked

    async def settle(self) -> None:
        """Let everything happen that waits for no timer."""
        for _ in range(20):
            await asyncio.sleep(0)
