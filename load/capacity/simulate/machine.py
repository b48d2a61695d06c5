"""Simulation of `make bench-load`: the service and the load generator on one machine, sharing its cores.

Every request is a coroutine on simpy. This is slow, but independent of `fleet`, so that each can check the other.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from simpy import Container, Environment, Event, Resource, Store

from load.capacity.inputs.model import Floats, Plan
from load.capacity.simulate.cores import Cores, Priority
from load.capacity.simulate.outbox import Message, Outbox, passes
from load.capacity.simulate.texts import Lengths

Steps = Generator[Event, Any, None]


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup of a run on one machine. Times are in seconds."""

    cores: float
    processes: int
    """Number of model processes."""
    seconds: float
    """Length of the run."""
    warm_up: float
    """Length of the warm-up, whose requests are not counted."""
    generator_cpu: float
    """CPU time of the load generator for a request; it has a thread for each connection."""
    connections: int = 0
    """Number of connections of a closed loop; 0 for an open loop."""
    rate: float = 0.0
    """Requests per second of an open loop."""
    poisson: bool = True
    """Whether the gaps of an open loop are random; otherwise they are equal."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of a run, measured or simulated. Latencies are in seconds."""

    throughput: float
    """Answered requests per second."""
    p50: float
    p99: float
    miss_p50: float
    miss_p99: float


@dataclass(frozen=True, slots=True)
class _Text:
    tokens: int
    seconds: float
    done: Event


class Machine:
    """One API process, one broker, model processes, and clients.

    Args:
        plan: traffic and costs; round trips of the network are not simulated.
        setup: the setup of the run.
    """

    def __init__(self, plan: Plan, setup: Setup) -> None:
        self._plan = plan
        self._setup = setup
        self._env = Environment()
        self._random = np.random.default_rng(plan.seed)
        self._lengths = Lengths(plan)
        self._token_seconds = (plan.message_seconds + self._lengths.mean_seconds) / self._lengths.mean_tokens
        self._cores = Cores(self._env, setup.cores, plan.costs.alone_speedup)
        self._api, self._broker, self._cache = (Resource(self._env, 1) for _ in range(3))
        self._outbox: Outbox[_Text] = Outbox(plan.product)
        self._queue, self._taken = Store(self._env), Store(self._env)
        # While every process is busy, a worker takes one more message.
        self._may_take = Container(self._env, init=setup.processes + 1)
        self._done: list[tuple[float, bool]] = []

    def run(self) -> Measured:
        """Simulate the run, and return its result."""
        env, setup = self._env, self._setup
        env.process(self._parent())
        for _ in range(setup.processes):
            env.process(self._model())
        if setup.connections:
            for _ in range(setup.connections):
                env.process(self._connection())
        else:
            env.process(self._arrivals())
        env.run(until=setup.seconds)
        latencies = np.array([latency for latency, _ in self._done])
        missed = np.array([missed for _, missed in self._done], dtype=bool)
        throughput = len(latencies) / (setup.seconds - setup.warm_up)
        return Measured(throughput, *_percentiles(latencies), *_percentiles(latencies[missed]))

    def _connection(self) -> Steps:
        while True:
            yield self._env.process(self._request())

    def _arrivals(self) -> Steps:
        gap = 1 / self._setup.rate
        while True:
            yield self._env.timeout(self._random.exponential(gap) if self._setup.poisson else gap)
            self._env.process(self._request())

    def _request(self) -> Steps:
        began = self._env.now
        missed = bool(self._random.random() < self._plan.traffic.miss_rate)
        if self._cores.idle:
            yield self._env.timeout(self._plan.costs.idle_seconds)
        yield self._cores.use(self._setup.generator_cpu / 2, Priority.API)
        if missed:
            yield from self._miss()
        else:
            yield from self._burst(self._api, self._plan.costs.hit_cpu)
        yield self._cores.use(self._setup.generator_cpu / 2, Priority.API)
        if began >= self._setup.warm_up:
            self._done.append((self._env.now - began, missed))

    def _miss(self) -> Steps:
        costs = self._plan.costs
        yield from self._burst(self._api, costs.miss_cpu / 2)
        yield from self._burst(self._cache, costs.cache_cpu)
        yield from self._burst(self._broker, costs.broker_cpu)
        (tokens,), (seconds,) = self._lengths.draw(self._random, 1)
        text = _Text(tokens, seconds, self._env.event())
        self._outbox.put([text])
        self._send()
        yield text.done
        yield self._env.timeout(costs.path_seconds)
        yield from self._burst(self._api, costs.miss_cpu / 2)

    def _burst(self, thread: Resource, seconds: float) -> Steps:
        """Use CPU time on a thread, after the earlier work of the thread."""
        with thread.request() as turn:
            yield turn
            yield self._cores.use(seconds, Priority.API)

    def _send(self) -> None:
        for message in self._outbox.send(self._env.now, self._setup.processes, self._token_seconds):
            self._queue.put(message)

    def _parent(self) -> Steps:
        while True:
            yield self._may_take.get(1)
            message = yield self._queue.get()
            yield self._cores.use(self._plan.costs.parent_cpu, Priority.API)
            self._taken.put(message)

    def _model(self) -> Steps:
        while True:
            message: Message[_Text] = yield self._taken.get()
            yield self._cores.use(self._plan.costs.message_cpu, Priority.MODEL)
            for together in passes(message.texts, self._plan.product.shared_pass):
                yield self._cores.use(sum(text.seconds for text in together), Priority.MODEL)
                for text in together:
                    text.done.succeed()
            self._outbox.close(message)
            self._send()
            self._may_take.put(1)


def _percentiles(latencies: Floats) -> tuple[float, float]:
    return (float(np.quantile(latencies, 0.5)), float(np.quantile(latencies, 0.99))) if len(latencies) else (0.0, 0.0)
