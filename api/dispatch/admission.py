"""Admission: which misses are computed, and which are refused at once. Work is counted in estimated tokens."""

import asyncio
import math
from collections.abc import Sequence
from typing import Final

from api.dispatch.fleet_watch import FleetWatch
from api.metrics.tallies import Tallies
from shared.contract.errors import BrokerUnavailableError, NoWorkerError, OverloadedError, TooMuchWorkError

_HEADROOM: Final = 0.8
"""Share of the measured rate that is counted on; the queue, the model and the machine all vary."""
_QUEUE: Final = 0.6
"""Share of a request's remaining time that the backlog before it may take. Rates are known a second or two late; a
backlog of this size keeps every model process busy, and a larger one only lengthens the wait."""
_FULL_SECONDS: Final = 0.05
"""For so long after a refusal, misses of the same size are refused without a question to the broker. The backlog takes
far longer than this to drain."""


class Admission:
    """Admits or refuses misses by the fleet's speed.

    Args:
        watch: the fleet that would compute them.
        deadline: seconds that a request may take in all.
        tallies: where refusals are counted.
    """

    def __init__(self, watch: FleetWatch, deadline: float, tallies: Tallies) -> None:
        self._watch = watch
        self._deadline = deadline
        self._claims = tallies.claims
        self._full_until = 0.0
        """End of the time for which the last refusal holds, on the event loop's clock."""
        self._backlog = 0
        """Tokens in the backlog at the last refusal."""
        self._room = 0
        """Tokens that would have fitted into the backlog then."""

    def require(self, tokens: int, new: Sequence[int]) -> None:
        """Refuse misses that could not be finished in time.

        Args:
            tokens: estimated work of one request's misses.
            new: estimated work of each of them that is not under way yet.

        Raises:
            BrokerUnavailableError: the broker does not answer.
            NoWorkerError: no worker serves synchronous requests.
            TooMuchWorkError: the work alone takes longer than the deadline allows; a retry would not help.
            OverloadedError: the broker has just refused others, and would refuse these as well.
        """
        watch = self._watch
        if not watch.broker_up:
            raise BrokerUnavailableError
        if not watch.processes:
            raise NoWorkerError
        if tokens > int(watch.rate * _HEADROOM * self._deadline):
            raise TooMuchWorkError(tokens / (watch.rate * _HEADROOM))
        if new and sum(new) > self._room and asyncio.get_running_loop().time() < self._full_until:
            self._claims["refused"] += len(new)
            raise self._overloaded()

    def limit(self, seconds: float, tokens: int) -> int:
        """Return the most tokens that the backlog may have with a request's misses included.

        Args:
            seconds: time left until the request's deadline.
            tokens: estimated work of its misses; it is admitted whatever its size while the backlog is empty.
        """
        return max(tokens, int(self._watch.rate * _QUEUE * seconds))

    def refused(self, backlog: int, seconds: float) -> OverloadedError:
        """Remember that the broker has refused a request, and return the error for it.

        Args:
            backlog: tokens in the backlog.
            seconds: time left until the request's deadline.
        """
        self._full_until = asyncio.get_running_loop().time() + _FULL_SECONDS
        self._backlog, self._room = backlog, self.limit(seconds, 0) - backlog
        return self._overloaded()

    def _overloaded(self) -> OverloadedError:
        """Return the error with the time that the backlog takes to drain: whole seconds, at least one."""
        rate = self._watch.rate * _HEADROOM
        return OverloadedError(max(1, math.ceil(self._backlog / rate)) if rate else 1)
