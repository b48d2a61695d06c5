"""The pods of one deployment: desired, starting and ready ones, and their cost."""

from collections.abc import Callable

from simpy import Environment
from simpy.events import ProcessGenerator


class Deployment:
    """Replicas that need time to start and stop at once; replicas that are still starting are stopped first.

    Args:
        env: the clock.
        replicas: number of ready replicas at the begin.
        start_seconds: time from a decision until a new replica takes work.
        on_ready: called when the number of ready replicas has changed.
    """

    def __init__(
        self, env: Environment, replicas: int, start_seconds: float, on_ready: Callable[[], None] = lambda: None
    ) -> None:
        self._env = env
        self._start_seconds = start_seconds
        self._on_ready = on_ready
        self._starting: list[object] = []
        self._paid_until = env.now
        self._pod_seconds = 0.0
        self.ready = replicas

    @property
    def asked(self) -> int:
        """Desired number of replicas, ready or not."""
        return self.ready + len(self._starting)

    @property
    def pod_seconds(self) -> float:
        """Total lifetime of all pods until now, in seconds."""
        self._pay()
        return self._pod_seconds

    def scale(self, replicas: int) -> None:
        """Set the desired number of replicas."""
        self._pay()
        while self.asked < replicas:
            pod = object()
            self._starting.append(pod)
            self._env.process(self._start(pod))
        while self._starting and self.asked > replicas:
            self._starting.pop()
        if self.asked > replicas:
            self.ready = replicas
            self._on_ready()

    def _start(self, pod: object) -> ProcessGenerator:
        yield self._env.timeout(self._start_seconds)
        if pod in self._starting:
            self._starting.remove(pod)
            self.ready += 1
            self._on_ready()

    def _pay(self) -> None:
        self._pod_seconds += self.asked * (self._env.now - self._paid_until)
        self._paid_until = self._env.now
