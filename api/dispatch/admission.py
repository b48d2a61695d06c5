"""How much work may wait: what the fleet can finish before the deadline, in estimated tokens."""

import math

from shared.broker.fleet import Fleet
from shared.contract.errors import OverloadedError, TooMuchWorkError

_HEADROOM = 0.8
"""Share of the measured rate that is counted on; the queue, the model and the machine all vary."""
_QUEUE = 0.6
"""Share of a request's time that what is waiting before it may take: rates are known a second or two late, a queue this
deep keeps every process busy, and a deeper one only makes everybody wait."""


def capacity(fleet: Fleet, budget: float) -> int:
    """Estimate the tokens that the fleet finishes within `budget` seconds."""
    return int(fleet.rate() * _HEADROOM * budget)


def queue_limit(fleet: Fleet, budget: float, need: int) -> int:
    """Return the most tokens that may be waiting, a request's own included.

    Args:
        fleet: who drains the queue.
        budget: seconds that the request may still take.
        need: estimated tokens of the request: where nothing else waits, it is let in.
    """
    return max(need, int(fleet.rate() * _QUEUE * budget))


def require_feasible(tokens: int, fleet: Fleet, deadline: float) -> None:
    """Refuse what even idle workers could not finish before the deadline.

    Args:
        tokens: estimated work of the request's misses.
        fleet: who would do it.
        deadline: seconds that a request may take in all.

    Raises:
        TooMuchWorkError: trying again would never help.
    """
    if tokens > capacity(fleet, deadline):
        raise TooMuchWorkError(tokens / (fleet.rate() * _HEADROOM))


def overloaded(backlog: int, fleet: Fleet) -> OverloadedError:
    """Say when to come back: after the time that the fleet needs for what is waiting, whole seconds, at least one."""
    rate = fleet.rate() * _HEADROOM
    return OverloadedError(max(1, math.ceil(backlog / rate)) if rate else 1)
