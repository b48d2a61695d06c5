"""Simulation of one cell on a cluster: its traffic, API, queue, workers and autoscalers, as discrete events.

Every miss is simulated as an event, in one queue for all workers. Hits only add to the CPU time of the API processes,
of which one is simulated in full (`api_queue`) and represents all. Clock, pods and autoscalers use simpy; arrivals are
drawn for a second at a time, and the events of the queue need no coroutines (`pool`).
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Final

import numpy as np
from simpy import Environment
from simpy.events import ProcessGenerator

from load.capacity.inputs.model import Floats, Plan
from load.capacity.simulate.api_queue import ApiQueue, Tick
from load.capacity.simulate.autoscaler import Autoscaler
from load.capacity.simulate.deployment import Deployment
from load.capacity.simulate.pool import Pool
from load.capacity.simulate.records import Record, Run
from load.capacity.simulate.texts import Lengths, Text, poisson_moments

TICK: Final = 1.0


class Fleet:
    """Simulates a plan once.

    Args:
        plan: the inputs, with the traffic of one cell.
        api: number of API replicas at the begin, which is also their minimum.
        workers: number of worker replicas at the begin, which is also their minimum.
    """

    def __init__(self, plan: Plan, api: int, workers: int) -> None:
        self._plan = plan
        self._random = np.random.default_rng(plan.seed)
        self._env = Environment()
        self._lengths = Lengths(plan)
        self._queue = ApiQueue(plan.costs, self._random)
        token = (plan.message_seconds + self._lengths.mean_seconds) / self._lengths.mean_tokens
        self._pool = Pool(workers * plan.workers.processes, plan.product, plan.message_seconds, token)
        self._coming: list[Text] = []
        self._records: list[Record] = []
        self._cpu = 0.0
        self._api = Deployment(self._env, api, plan.api.pod_start_seconds)
        start = plan.workers.pod_start_seconds + plan.costs.cold_start_seconds
        self._workers = Deployment(self._env, workers, start, self._resize)
        self._seen = 0.0

    def run(self) -> Run:
        """Simulate the minutes of the plan, then the end of the open misses, and return the records."""
        plan, env = self._plan, self._env
        scalers = (
            (Autoscaler(plan.api, self._api.ready), self._api, self._cpu_used, plan.api.sync_seconds),
            (Autoscaler(plan.workers, self._workers.ready), self._workers, self._messages, plan.workers.sync_seconds),
        )
        traffic = env.process(self._traffic())
        env.process(self._poll())
        for scaler, deployment, metric, period in scalers:
            env.process(self._scale(scaler, deployment, metric, period))
        env.run(until=traffic)
        pod_seconds = self._api.pod_seconds, self._workers.pod_seconds
        self._pool.offer(self._coming)
        self._pool.advance(np.inf)
        arrived, outcome = (np.frombuffer(values) for values in (self._pool.arrived, self._pool.outcome))
        return Run(plan, self._records, arrived, outcome, *pod_seconds)

    def _traffic(self) -> ProcessGenerator:
        for _ in range(self._plan.traffic.minutes * 60):
            now = self._env.now
            rate, replicas, busy = self._plan.traffic.rate_at(now), self._api.ready, self._pool.busy_seconds
            misses = rate * self._plan.traffic.miss_rate
            tick = self._queue.advance((rate - misses) / replicas, misses / replicas, TICK)
            self._offer(self._texts(now, misses, tick.waits), now + TICK)
            hits = int(self._random.poisson((rate - misses) * TICK))
            ready = self._workers.ready
            yield self._env.timeout(TICK)
            self._pool.advance(self._env.now)
            self._cpu += tick.busy * replicas * TICK
            self._records.append(self._record(tick, hits, (replicas, ready), self._pool.busy_seconds - busy))

    def _texts(self, now: float, rate: float, waits: Floats) -> list[Text]:
        """Draw the misses of one second."""
        plan, half = self._plan, self._plan.costs.miss_cpu / 2
        arrived = poisson_moments(self._random, now, TICK, rate)
        count = len(arrived)
        begun = arrived + self._queue.sample(waits, count)
        after = self._queue.sample(waits, count) + half + plan.path_seconds + plan.network.client_round_trip
        tokens, seconds = self._lengths.draw(self._random, count)
        return [
            Text(*fields)
            for fields in zip(
                (begun + half).tolist(),
                self._random.integers(self._api.ready, size=count).tolist(),
                arrived.tolist(),
                (begun + plan.product.deadline - plan.path_seconds).tolist(),
                tokens,
                seconds,
                after.tolist(),
                strict=True,
            )
        ]

    def _offer(self, texts: list[Text], until: float) -> None:
        """Pass the texts that are claimed before `until` to the pool, and keep the others."""
        texts = sorted(self._coming + texts)
        cut = bisect_left(texts, until, key=lambda text: text.ready)
        self._coming = texts[cut:]
        self._pool.offer(texts[:cut])

    def _record(self, tick: Tick, hits: int, replicas: tuple[int, int], busy: float) -> Record:
        api, workers = replicas
        size = workers * self._plan.workers.processes * TICK
        latencies = tick.hits[:: max(1, len(tick.hits) // 1000)] + self._plan.network.client_round_trip
        return Record(hits, latencies, api, workers, self._workers.asked, tick.busy, busy / size, self._pool.texts)

    def _resize(self) -> None:
        self._pool.resize(self._workers.ready * self._plan.workers.processes, self._env.now)

    def _scale(
        self, scaler: Autoscaler, deployment: Deployment, metric: Callable[[], float], period: float
    ) -> ProcessGenerator:
        while True:
            yield self._env.timeout(period)
            deployment.scale(scaler.decide(self._env.now, deployment.asked, metric()))

    def _cpu_used(self) -> float:
        """Return the CPU seconds per second of all API replicas since the last decision."""
        used, self._cpu = self._cpu, 0.0
        return used / self._plan.api.sync_seconds

    def _messages(self) -> float:
        return self._seen if self._plan.workers.cached_metrics else self._held()

    def _held(self) -> float:
        self._pool.advance(self._env.now)
        return self._pool.texts if self._plan.workers.metric == "backlog" else self._pool.queued

    def _poll(self) -> ProcessGenerator:
        while True:
            self._seen = self._held()
            yield self._env.timeout(self._plan.workers.poll_seconds)
