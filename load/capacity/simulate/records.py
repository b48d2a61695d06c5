"""Records of a simulated run, and their summaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from load.capacity.inputs.model import Floats, Plan
from load.capacity.simulate.pool import LATE, REFUSED


class Record(NamedTuple):
    """The record of one second of a fleet. Busy is the share of the ready processes' time."""

    hits: int
    hit_latencies: Floats
    """Latencies of a sample of the hits of one API process."""
    api: int
    workers: int
    workers_asked: int
    api_busy: float
    worker_busy: float
    texts: int
    """Number of admitted texts without an answer at the end of the second."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcomes of the requests of a time span. Latencies are those of answered requests, in seconds."""

    requests: int
    hits: int
    answered: int
    """Number of misses that were answered in time."""
    refused: int
    """Number of requests with 503."""
    late: int
    """Number of requests with 504."""
    p50: float
    p99: float
    miss_p50: float
    miss_p99: float
    api_busy: float
    worker_busy: float
    api_replicas: int
    """Largest number of ready API replicas."""
    worker_replicas: int
    """Largest number of ready worker replicas."""
    workers_asked: int
    """Largest desired number of worker replicas."""
    texts: int
    """Largest number of admitted texts without an answer at the end of a second."""

    @property
    def success(self) -> float:
        """Share of requests that were answered."""
        return (self.hits + self.answered) / max(1, self.requests)


def quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> list[float]:
    """Return weighted quantiles of values; NaN without values."""
    if not len(values):
        return [float("nan")] * len(shares)
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(total, np.array(shares) * total[-1]), len(values) - 1)
    return [float(value) for value in values[order][at]]


@dataclass(frozen=True)
class Run:
    """A simulated run of one cell."""

    plan: Plan
    records: list[Record]
    """One record for each second."""
    arrived: Floats
    """Arrival time of each miss."""
    outcome: Floats
    """Latency of each miss, or `REFUSED` or `LATE`."""
    api_seconds: float
    """Total lifetime of all API pods in seconds."""
    worker_seconds: float
    """Total lifetime of all worker pods in seconds."""

    @cached_property
    def total(self) -> Summary:
        """Summary of the whole run."""
        return self.between(0, len(self.records))

    @cached_property
    def minutes(self) -> list[Summary]:
        """Summary of each minute."""
        return [self.between(start, start + 60) for start in range(0, len(self.records), 60)]

    @property
    def cost_per_million(self) -> float:
        """Price of a million answered requests, with all vCPUs for the lifetime of their pods."""
        plan = self.plan
        vcpu_seconds = self.api_seconds * plan.api.vcpus + self.worker_seconds * plan.workers.vcpus
        vcpu_seconds += plan.money.other_vcpus * plan.traffic.minutes * 60
        answered = self.total.hits + self.total.answered
        return vcpu_seconds / 3600 * plan.money.vcpu_hour / answered * 1e6

    def between(self, start: int, end: int) -> Summary:
        """Return the summary of the requests that arrived from one second to another."""
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
    """Return the sampled latencies of hits, and the number of hits that each represents."""
    latencies = np.concatenate([record.hit_latencies for record in records])
    counts = [len(record.hit_latencies) for record in records]
    each = [record.hits / max(1, count) for record, count in zip(records, counts, strict=True)]
    return latencies, np.repeat(each, counts)
