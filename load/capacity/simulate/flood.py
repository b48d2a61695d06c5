"""A flood of jobs on the bulk lane: from no pod to many and back, as KEDA and the HPA would have it.

KEDA polls while there is no pod, and asks for one; from then on the HPA decides (`autoscaler`). When nothing is
unfinished for the cooldown, KEDA asks for none, from any number (https://keda.sh/docs/latest/concepts/scaling-deployments/).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt
from simpy import Environment
from simpy.events import ProcessGenerator

from load.capacity.inputs.scaling import Inputs, Policy, Rules, Scaling, Unit
from load.capacity.simulate.autoscaler import Autoscaler
from load.capacity.simulate.deployment import Deployment

_TICK: Final = 0.05
_LONGEST: Final = 24 * 3600.0


class Flood(Inputs):
    """Jobs that arrive at once, and the lane that works them off; times in seconds."""

    jobs: PositiveInt
    """Jobs submitted at the same moment."""
    texts: PositiveInt
    """Texts of each."""
    texts_per_second: PositiveFloat
    """What one replica computes, on its own."""
    most_per_second: PositiveFloat
    """What all replicas together can compute: a node has so many cores, however many pods it holds."""
    chunk_texts: PositiveFloat
    """Texts of a chunk."""
    job_line: PositiveInt = 64
    """Chunks of one job that are in the line at most."""
    max_replicas: PositiveInt
    """maxReplicaCount."""
    target: PositiveFloat = 16.0
    """Chunks in the line and running that one replica should have."""
    poll_seconds: PositiveFloat = 5.0
    """pollingInterval; the flood begins in the middle of one."""
    cooldown_seconds: NonNegativeFloat = 60.0
    """cooldownPeriod."""
    pod_start_seconds: NonNegativeFloat = 3.0
    """From the pod's creation until its container runs."""
    cold_start_seconds: NonNegativeFloat = 2.0
    """From a worker's exec until it takes work."""
    stop_seconds: NonNegativeFloat = 2.0
    """From the request to stop until the pod is gone."""


@dataclass(frozen=True)
class Course:
    """What becomes of a flood; seconds from its beginning."""

    asked: float
    """The first pod is asked for."""
    first_result: float
    done: float
    gone: float
    """The last pod is gone."""
    replicas: int
    """The most that were ready."""


def predict(flood: Flood) -> Course:
    """Simulate a flood to its end.

    Raises:
        ValueError: it takes longer than a day.
    """
    return _Lane(flood).run()


class _Lane:
    def __init__(self, flood: Flood) -> None:
        self._flood = flood
        self._env = Environment()
        self._left = float(flood.jobs * flood.texts)
        start = flood.pod_start_seconds + flood.cold_start_seconds
        self._pods = Deployment(self._env, 0, start, self._count)
        self._most = 0
        self._asked = self._first = self._done = 0.0

    def run(self) -> Course:
        processes: tuple[Callable[[], ProcessGenerator], ...] = (self._poll, self._decide, self._work)
        for process in processes:
            self._env.process(process())
        self._env.run(until=_LONGEST)
        if self._left:
            raise ValueError("the flood takes longer than a day")
        flood = self._flood
        # The cooldown counts from the last poll that saw work; the poll after its end takes the pods away.
        polls = self._done - self._done % flood.poll_seconds + flood.poll_seconds / 2
        gone = polls + flood.cooldown_seconds + flood.poll_seconds / 2 + flood.stop_seconds
        return Course(self._asked, self._first, self._done, gone, self._most)

    def _count(self) -> None:
        self._most = max(self._most, self._pods.ready)

    def _metric(self) -> float:
        return min(self._left / self._flood.chunk_texts, self._flood.jobs * self._flood.job_line)

    def _poll(self) -> ProcessGenerator:
        yield self._env.timeout(self._flood.poll_seconds / 2)
        self._asked = self._env.now
        self._pods.scale(1)

    def _decide(self) -> ProcessGenerator:
        policies = (Policy(unit=Unit.PERCENT, value=100), Policy(unit=Unit.PODS, value=4))
        down = Rules(stabilisation=60, policies=(Policy(unit=Unit.PERCENT, value=50, period=60),))
        up = Rules(stabilisation=0, policies=policies)
        most = self._flood.max_replicas
        scaling = Scaling(min_replicas=1, max_replicas=most, target=self._flood.target, vcpus=1, up=up, down=down)
        scaler = Autoscaler(scaling, 1)
        while self._left:
            yield self._env.timeout(scaling.sync_seconds)
            if self._pods.asked:
                self._pods.scale(scaler.decide(self._env.now, self._pods.asked, self._metric()))

    def _work(self) -> ProcessGenerator:
        flood = self._flood
        while self._left:
            yield self._env.timeout(_TICK)
            rate = min(self._pods.ready * flood.texts_per_second, flood.most_per_second)
            if rate and not self._first:
                # A pod became ready within the tick; its first chunk is its first result.
                self._first = self._env.now + min(flood.chunk_texts, flood.texts) / rate
            self._left = max(0.0, self._left - rate * _TICK)
        self._done = self._env.now
