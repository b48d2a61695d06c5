"""CPUs that several threads share: the higher priority runs first, and threads of the same priority share the rest.

Linux shares cores by weight, and a thread that sleeps most of the time runs as soon as it wakes up. So the API's short
bursts nearly have strict priority over model processes with nice 5 (weight 335 against 1024), as long as they need less
than their share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from simpy import Environment, Event


class Priority(IntEnum):
    """The priority of a burst; a lower value runs first."""

    API = 0
    MODEL = 1


@dataclass(slots=True, eq=False)
class _Burst:
    left: float
    priority: Priority
    done: Event
    speed: float = 0.0


class Cores:
    """Runs bursts of CPU time, each on one core at most.

    Args:
        env: the clock.
        count: cores.
        alone_speedup: factor by which a core is faster while the others are idle.
    """

    def __init__(self, env: Environment, count: float, alone_speedup: float = 1.0) -> None:
        self._env = env
        self._count = count
        self._speedup = alone_speedup
        self._bursts: list[_Burst] = []
        self._settled = env.now
        self._plan = 0

    @property
    def idle(self) -> bool:
        """Whether no burst runs."""
        return not self._bursts

    def use(self, seconds: float, priority: Priority) -> Event:
        """Return an event that occurs when this much CPU time has been used."""
        self._settle()
        burst = _Burst(seconds, priority, self._env.event())
        self._bursts.append(burst)
        self._share()
        return burst.done

    def _settle(self) -> None:
        """Update the remaining time of every burst."""
        elapsed, self._settled = self._env.now - self._settled, self._env.now
        for burst in self._bursts:
            burst.left -= elapsed * burst.speed

    def _share(self) -> None:
        """Divide the cores among the bursts and schedule the end of the next one."""
        free = self._count
        for priority in Priority:
            free -= _divide(free, [burst for burst in self._bursts if burst.priority is priority])
        if self._speedup > 1 and self._count > 1:
            factor = 1 + (self._speedup - 1) * min(1.0, free / (self._count - 1))
            for burst in self._bursts:
                burst.speed *= factor
        self._plan += 1
        running = [burst for burst in self._bursts if burst.speed > 0]
        if running:
            first, plan = min(running, key=lambda burst: burst.left / burst.speed), self._plan
            timeout = self._env.timeout(max(0.0, first.left / first.speed))
            timeout.callbacks.append(lambda _: self._end(first, plan))

    def _end(self, burst: _Burst, plan: int) -> None:
        if plan != self._plan:
            return  # the schedule has changed meanwhile
        self._settle()
        self._bursts.remove(burst)  # a rounding error may remain
        burst.done.succeed()
        self._share()


def _divide(cores: float, bursts: Sequence[_Burst]) -> float:
    """Share cores equally among bursts, at most one core for each, and return the number of cores used."""
    speed = min(1.0, cores / len(bursts)) if bursts else 0.0
    for burst in bursts:
        burst.speed = speed
    return speed * len(bursts)
