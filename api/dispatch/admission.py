"""Admission: the decision which misses are computed and which are refused. Work is counted in estimated tokens."""

import asyncio
import math
from collections.abc import Sequence
from typing import Final

from api.dispatch.fleet_watch import FleetWatch
from api.metrics.tallies import Tallies
from shared.contract.errors import BrokerUnavailableError, NoWorkerError, OverloadedError, TooMuchWorkError
from shared.contract.tokens import Cost

_HEADROOM: Final = 0.8
"""Share of the fleet's measured rate that the admission assumes, because the real rate varies."""
_QUEUE: Final = 0.6
"""Share of a request's remaining time that the work of the backlog may take. Rates are known a second or two late. A
backlog of this size keeps every model process busy; a larger one only lengthens the wait."""
_FULL_SECONDS: Final = 0.05
"""Seconds after a refusal in which misses of the same size are refused without a call of the broker. The work of the
backlog takes much longer than this."""


class Admission:
    """Admits or refuses misses by the fleet's speed.

    Args:
        watch: the last known fleet.
        deadline: seconds that a request may take in total.
        tallies: counts the refusals.
    """

    def __init__(self, watch: FleetWatch, deadline: float, tallies: Tallies) -> None:
        self._watch = watch
        self._deadline = deadline
        self._claims = tallies.claims
        self._full_until = 0.0
        """Time of the event loop until which misses are refused like the last one."""
        self._backlog = 0
        """Tokens in the backlog at the last refusal by the broker."""
        self._room = 0
        """Tokens that would have been admitted at the last refusal by the broker."""

    def require(self, tokens: int, new: Sequence[int]) -> None:
        """Refuse misses that could not be finished in time.

        Args:
            tokens: estimated tokens of all misses of one request.
            new: estimated tokens of each of these misses that has no flight yet.

        Raises:
            BrokerUnavailableError: the broker does not answer.
            NoWorkerError: no worker serves synchronous requests.
            TooMuchWorkError: these misses alone would take longer than the deadline, so a retry would not help.
            OverloadedError: the broker has just refused other misses, and would refuse these as well.
        """
        watch = self._watch
        if not watch.broker_up:
            raise BrokerUnavailableError
        if not watch.processes:
            raise NoWorkerError
        if tokens > int(watch.rate * _HEADROOM * self._deadline):
            raise TooMuchWorkError(tokens / (watch.rate * _HEADROOM))
        if self.full(new):
            self._claims["refused"] += len(new)
            raise self._overloaded()

    @property
    def cost(self) -> Cost:
        """The active model's work for a text."""
        return self._watch.cost

    @property
    def closed(self) -> bool:
        """Whether the broker has just refused misses, so that misses of the same size are refused without it."""
        return asyncio.get_running_loop().time() < self._full_until

    def full(self, new: Sequence[int]) -> bool:
        """Whether the broker has just refused other misses, and would refuse misses of so many tokens as well."""
        return bool(new) and sum(new) > self._room and self.closed

    def limit(self, seconds: float, tokens: int) -> int:
        """Return the most tokens that the backlog may have, including the misses of a request.

        Args:
            seconds: seconds until the request's deadline.
            tokens: estimated tokens of its misses; the limit is at least this, so that an empty backlog admits them.
        """
        return max(tokens, int(self._watch.rate * _QUEUE * seconds))

    def refused(self, backlog: int, seconds: float) -> OverloadedError:
        """Record that the broker has refused a request, and return the error for it.

        Args:
            backlog: tokens in the backlog.
            seconds: seconds until the request's deadline.
        """
        self._full_until = asyncio.get_running_loop().time() + _FULL_SECONDS
        self._backlog, self._room = backlog, self.limit(seconds, 0) - backlog
        return self._overloaded()

    def _overloaded(self) -> OverloadedError:
        """Return the error with the time that the work of the backlog takes: whole seconds, at least one."""
        rate = self._watch.rate * _HEADROOM
        return OverloadedError(max(1, math.ceil(self._backlog / rate)) if rate else 1)
