"""The queue of an API process; each process is a server with its own queue, so one process represents all."""

from typing import NamedTuple

import numpy as np

from load.capacity.inputs.model import Costs, Floats


class Tick(NamedTuple):
    """The figures of one API process for a time span. Times are in seconds."""

    waits: Floats
    """Time for which each burst of work waited for the event loop, in order of arrival."""
    hits: Floats
    """Latencies of the hits within the process."""
    busy: float
    """Share of the time for which the process was busy."""


class ApiQueue:
    """One event loop with hits, and with the first and second half of the work for each miss.

    Requests are spread over the processes at random, so the arrivals at each process are a Poisson process with the
    same rate. Waits follow Lindley's recursion, computed for all arrivals at once as the reflection of the unfinished
    work at zero (Asmussen, Applied Probability and Queues, III.6).

    Args:
        costs: CPU times.
        random: draws arrivals.
    """

    def __init__(self, costs: Costs, random: np.random.Generator) -> None:
        self._seconds = np.array([costs.hit_cpu, costs.miss_cpu / 2, costs.miss_cpu / 2])
        self._random = random
        self._work = 0.0

    def advance(self, hits: float, misses: float, seconds: float) -> Tick:
        """Simulate a time span.

        Args:
            hits: hits per second at this process.
            misses: misses per second at this process.
            seconds: length of the time span.
        """
        rates = np.array([hits, misses, misses])
        count = int(self._random.poisson(rates.sum() * seconds))
        arrivals = np.sort(self._random.uniform(0, seconds, count))
        kinds = self._random.choice(3, count, p=rates / rates.sum())
        work = self._seconds[kinds]
        before = np.concatenate(([0.0], np.cumsum(work)))
        unreflected = self._work + before - np.append(arrivals, seconds)
        waits = unreflected - np.minimum(0.0, np.minimum.accumulate(unreflected))
        busy = (self._work + before[-1] - waits[-1]) / seconds
        self._work = float(waits[-1])
        served = waits[:-1]
        return Tick(served, served[kinds == 0] + self._seconds[0], float(busy))

    def sample(self, waits: Floats, count: int) -> Floats:
        """Draw waits for other Poisson arrivals of the same time span from its waits."""
        return self._random.choice(waits, count) if len(waits) else np.full(count, self._work)
