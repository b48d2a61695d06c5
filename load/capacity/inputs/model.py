"""Inputs of the planner; times are in seconds. The flag `--group.field` is `{"group": {"field": …}}` in a JSON file."""

from functools import cached_property
from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from load.capacity.inputs.scaling import ApiScaling, Inputs, WorkerScaling

Share = Annotated[float, Field(ge=0, le=1)]
Floats = NDArray[np.float64]

PASS_TOKENS = 6
"""The fixed cost of a forward pass in the product's estimate of work (`shared.contract.tokens`)."""


class Traffic(Inputs):
    """Independent requests of one text each, at random moments (a Poisson process)."""

    rate: PositiveFloat = 1000.0
    """Requests per second."""
    hit_rate: Share = 0.95
    """Share of requests answered from the API process's own cache."""
    length_mix: dict[PositiveInt, PositiveFloat]
    """Share of missed texts by tokens, special ones included, for instance '{"16": 0.5, "32": 0.5}'."""
    minutes: PositiveInt = 20
    """Length of the simulated time in minutes."""
    spike_factor: PositiveFloat = 3.0
    """Factor by which the rate is multiplied during the spike."""
    spike_start: int = Field(5, ge=0)
    """Minute at which the spike begins."""
    spike_minutes: int = Field(5, ge=0)
    """Length of the spike in minutes; 0 for none."""

    @field_validator("length_mix")
    @classmethod
    def _is_a_distribution(cls, value: dict[int, float]) -> dict[int, float]:
        if abs(sum(value.values()) - 1) > 1e-6:  # noqa: PLR2004
            raise ValueError("the shares must add up to 1")
        return value

    @model_validator(mode="after")
    def _spike_is_within(self) -> Self:
        if self.spike_minutes and self.spike_start + self.spike_minutes > self.minutes:
            raise ValueError("the spike must end within the simulated minutes")
        return self

    @property
    def miss_rate(self) -> float:
        """Share of requests that a worker must compute."""
        return 1 - self.hit_rate

    @property
    def peak(self) -> float:
        """Requests per second in the spike."""
        return self.rate * self.spike_factor if self.spike_minutes else self.rate

    def rate_at(self, seconds: float) -> float:
        """Return the requests per second at a time of the simulation."""
        minute = seconds / 60
        return self.peak if self.spike_start <= minute < self.spike_start + self.spike_minutes else self.rate


class Costs(Inputs):
    """Times of the product's work, measured on one machine (`measured.json`)."""

    hit_cpu: PositiveFloat
    """CPU time of the API for a hit."""
    miss_cpu: PositiveFloat
    """CPU time of the API for a miss, before and after the wait for its result."""
    broker_cpu: NonNegativeFloat
    """CPU time of the broker's Redis for a miss."""
    cache_cpu: NonNegativeFloat
    """CPU time of the cache's Redis for a miss."""
    parent_cpu: NonNegativeFloat
    """CPU time of a worker's parent process for a message."""
    message_cpu: NonNegativeFloat
    """CPU time of a model process for a message, without its forward passes."""
    path_seconds: NonNegativeFloat
    """Latency of a miss on an idle machine in addition to all CPU times, for instance for wake-ups of processes."""
    idle_seconds: NonNegativeFloat
    """Latency of a hit in addition to its CPU time if the machine was idle. Used for one machine only."""
    cold_start_seconds: NonNegativeFloat
    """Time from a worker's start until it takes work."""
    alone_speedup: float = Field(1.0, ge=1)
    """Speed of a core while the others are idle, relative to a busy machine. Used for one machine only."""
    seconds_by_tokens: dict[PositiveInt, PositiveFloat] = Field(min_length=2)
    """Time of one forward pass by tokens, with every core busy; values between the points are interpolated linearly."""

    @cached_property
    def _line(self) -> tuple[list[int], list[float]]:
        tokens = sorted(self.seconds_by_tokens)
        return tokens, [self.seconds_by_tokens[count] for count in tokens]

    @field_validator("seconds_by_tokens")
    @classmethod
    def _grows(cls, value: dict[int, float]) -> dict[int, float]:
        if any(value[a] > value[b] for a, b in pairwise(sorted(value))):
            raise ValueError("a longer text cannot take less time")
        return value

    def pass_seconds(self, tokens: Floats) -> Floats:
        """Return the seconds of a forward pass over each text; outside of the table, its nearest value is used."""
        return np.interp(tokens, *self._line)


class Network(Inputs):
    """Round trips that a cluster adds to one machine, and their number for a miss."""

    client_round_trip: NonNegativeFloat = 0.001
    """Time of a round trip between client and API, which is part of every latency."""
    redis_round_trip: NonNegativeFloat = 0.0005
    """Time of a round trip between a pod and a Redis."""
    path_trips: int = Field(4, ge=0)
    """Round trips of a miss during which no process is busy: cache, claim, queue, result."""
    message_trips: int = Field(2, ge=0)
    """Round trips of a message during which its model process waits: one at its begin and one at its end."""


class Product(Inputs):
    """The rules of the product's queue and admission."""

    deadline: PositiveFloat = 1.8
    """Seconds after which a miss without an answer gets 504 (`SENTIMENT_DEADLINE`)."""
    queue_share: PositiveFloat = 0.6
    """Share of the remaining time that the backlog may take; otherwise 503 (`api/dispatch/admission.py`)."""
    chunk_tokens: PositiveInt = 1024
    """Most estimated tokens in a message of several texts (`SENTIMENT_CHUNK_TOKENS`)."""
    message_work: PositiveFloat = 0.02
    """Longest work of a message of several texts in seconds, by the pace of the workers (`api/dispatch/outbox.py`)."""
    shared_pass: PositiveInt = 256
    """Most estimated tokens in a forward pass of several texts (`worker/lanes/inference.py`)."""
    ahead: PositiveFloat = 1.5
    """Messages of an API process that may be under way for each model process (`api/dispatch/outbox.py`)."""
    worth: NonNegativeInt = 64
    """Waiting tokens for each process from which messages are sent ahead (`api/dispatch/outbox.py`)."""
    patience: PositiveFloat = 0.25
    """Seconds after which a message does not count as under way any more (`api/dispatch/outbox.py`)."""


class Goal(Inputs):
    """The goals that the replicas must reach at a steady rate."""

    p99_seconds: PositiveFloat = 2.0
    """Largest p99 of the answered requests."""
    success: Share = 0.998
    """Smallest share of requests that are answered."""
    utilisation: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Largest share of time for which API and workers may be busy."""
    broker_utilisation: Annotated[float, Field(gt=0, le=1)] = 0.7
    """Largest share of time for which a broker may be busy in the spike; more traffic needs several cells."""


class Money(Inputs):
    """Prices."""

    vcpu_hour: PositiveFloat = 0.04
    """Price of a vCPU for an hour, including memory, in any currency."""
    other_vcpus: NonNegativeFloat = 4.0
    """Number of vCPUs of a cell in addition to API and workers: two Redis."""


class Plan(Inputs):
    """All inputs of a simulation."""

    costs: Costs
    traffic: Traffic
    network: Network = Network()
    api: ApiScaling = ApiScaling()
    workers: WorkerScaling = WorkerScaling()
    product: Product = Product()
    goal: Goal = Goal()
    money: Money = Money()
    seed: int = Field(0, ge=0)
    """Seed of all random numbers."""

    @property
    def message_seconds(self) -> float:
        """Time for which a message keeps a model process busy, without the forward passes of its texts."""
        trips = self.network.message_trips * self.network.redis_round_trip
        return self.costs.parent_cpu + self.costs.message_cpu + trips

    @property
    def path_seconds(self) -> float:
        """Part of a miss's latency during which neither an API process nor a model process is busy."""
        trips = self.network.path_trips * self.network.redis_round_trip
        return self.costs.path_seconds + self.costs.broker_cpu + self.costs.cache_cpu + trips

    @model_validator(mode="after")
    def _lengths_are_measured(self) -> Self:
        longest, measured = max(self.traffic.length_mix), max(self.costs.seconds_by_tokens)
        if longest > measured:
            raise ValueError(f"texts of {longest} tokens, but seconds_by_tokens ends at {measured}")
        return self
