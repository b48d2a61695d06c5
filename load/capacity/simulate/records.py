"""Records of a simulated run, and their summaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from load.capacity.inputs.model import Floats, Plan
from load.capacity.simulate.pool import LATE, REFUSED


class Record(NamedTuple):
    """One second of a fleet. Busy is a share of what was ready."""

    hits: int
    hit_latencies: Floats
    """A sample: every n-th hit of one API process."""
    api: int
    workers: int
    workers_asked: int
    api_busy: float
    worker_busy: float
    texts: int
    """Admitted and not answered, at the end of the second."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Outcomes of the requests of a time span. Latencies, of answered requests, in seconds."""

    requests: int
    hits: int
    answered: int
    """Misses that were answered in time."""
    refused: int
    """503."""
    late: int
    """504."""
    p50: float
    p99: float
    miss_p50: float
    miss_p99: float
    api_busy: float
    worker_busy: float
    api_replicas: int
    """The most that were ready."""
    worker_replicas: int
    """The most that were ready."""
    workers_asked: int
    """The most that were asked for."""
    texts: int
    """The most texts that were admitted and not answered at the end of a second."""

    @property
    def success(self) -> float:
        """Share of requests that were answered."""
        return (self.hits + self.answered) / max(1, self.requests)


def quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> list[float]:
    """Return the smallest values below which the given shares of the weight lie; not a number without any."""
    if not len(values):
        return [float("nan")] * len(shares)
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(total, np.array(shares) * total[-1]), len(values) - 1)
    return [float(value) for value in values[order][at]]


@dataclass(frozen=True)
class Run:
    """One simulated run of one cell."""

    plan: Plan
    records: list[Record]
    """One for each second."""
    arrived: Floats
    """Arrival of each miss."""
    outcome: Floats
    """Its latency, or `REFUSED` or `LATE`."""
    api_seconds: float
    """Seconds of API pods."""
    worker_seconds: float
    """Seconds of worker pods."""

    @cached_property
    def total(self) -> Summary:
        """The whole run."""
        return self.between(0, len(self.records))

    @cached_property
    def minutes(self) -> list[Summary]:
        """The run minute by minute."""
        return [self.between(start, start + 60) for start in range(0, len(self.records), 60)]

    @property
    def cost_per_million(self) -> float:
        """Price of a million answered requests: all vCPUs for as long as they were there."""
        plan = self.plan
        vcpu_seconds = self.api_seconds * plan.api.vcpus + self.worker_seconds * plan.workers.vcpus
        vcpu_seconds += plan.money.other_vcpus * plan.traffic.minutes * 60
        answered = self.total.hits + self.total.answered
        return vcpu_seconds / 3600 * plan.money.vcpu_hour / answered * 1e6

    def between(self, start: int, end: int) -> Summary:
        """Summarise the requests that arrived from one second to another."""
        records = self.records[start:end]
        outcome = self.outcome[(self.arrived >= start) & (self.arrived < end)]
        answered = outcome[outcome >= 0]
        hits = sum(record.hits for record in records)
        latencies, weights = _hits(records)
        everything = np.concatenate((latencies, answered)), np.concatenate((weights, np.ones(len(answered))))
        p50, p99 = quantiles(*everything, (0.5, 0.99))
        miss_p50, miss_p99 = quantiles(answered, np.ones(len(answered)), (0.5, 0.99))
        return Summary(
            requests=hits + len(outcome),
            hits=hits,
            answered=len(answered),
            refused=int((outcome == REFUSED).sum()),
            late=int((outcome == LATE).sum()),
            p50=p50,
            p99=p99,
            miss_p50=miss_p50,
            miss_p99=miss_p99,
            api_busy=float(np.mean([record.api_busy for record in records])),
            worker_busy=float(np.mean([record.worker_busy for record in records])),
            api_replicas=max(record.api for record in records),
            worker_replicas=max(record.workers for record in records),
            workers_asked=max(record.workers_asked for record in records),
            texts=max(record.texts for record in records),
        )


def _hits(records: Sequence[Record]) -> tuple[Floats, Floats]:
    """Return the sampled latencies of hits, and how many hits each stands for."""
    latencies = np.concatenate([record.hit_latencies for record in records])
    counts = [len(record.hit_latencies) for record in records]
    each = [record.hits / max(1, count) for record, count in zip(records, counts, strict=True)]
    return latencies, np.repeat(each, counts)
