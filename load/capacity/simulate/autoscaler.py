"""The decisions of a HorizontalPodAutoscaler, for KEDA's external metric and for CPU time.

The algorithm is that of https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ (algorithm details,
configurable scaling behaviour): a recommendation from the metric, stabilised, then limited by policies and bounds.
"""

import math
from collections import deque

from load.capacity.inputs.scaling import Policy, Scaling, Unit


class Autoscaler:
    """The state and the decisions of an HPA.

    Args:
        scaling: the settings of the HPA.
        fewest: its minReplicas.
    """

    def __init__(self, scaling: Scaling, fewest: int) -> None:
        self._scaling = scaling
        self._fewest = fewest
        self._most = max(fewest, scaling.max_replicas)
        self._recommended: deque[tuple[float, int]] = deque()
        self._changes: deque[tuple[float, int]] = deque()

    def decide(self, now: float, current: int, metric: float) -> int:
        """Return the desired number of replicas.

        Args:
            now: time in seconds.
            current: last desired number of replicas, ready or not.
            metric: sum of the metric over all replicas.
        """
        wanted = self._stabilised(now, current, self._recommendation(current, metric))
        if wanted > current:
            wanted = min(wanted, self._most, max(current, self._limit(now, current, upwards=True)))
        elif wanted < current:
            wanted = max(wanted, self._fewest, min(current, self._limit(now, current, upwards=False)))
        if wanted != current:
            self._changes.append((now, wanted - current))
        return wanted

    def _recommendation(self, current: int, metric: float) -> int:
        """Return ceil(metric / target), or the current number of replicas within the tolerance."""
        ratio, tolerance = metric / (self._scaling.target * current), self._scaling.tolerance
        if 1 - tolerance <= ratio <= 1 + tolerance:
            return current
        # The metric is a float here; rounding errors must not add a replica.
        wanted = math.ceil(round(metric / self._scaling.target, 9))
        return min(max(wanted, self._fewest), self._most)

    def _stabilised(self, now: float, current: int, recommendation: int) -> int:
        """Return a recommendation after stabilisation.

        To scale up, it is at most the lowest recommendation in the window; to scale down, at least the highest.
        """
        up, down = self._scaling.up.stabilisation, self._scaling.down.stabilisation
        if not self._recommended:
            self._recommended.append((now, current))
        while self._recommended and self._recommended[0][0] <= now - max(up, down):
            self._recommended.popleft()
        lowest = min([recommendation, *(count for at, count in self._recommended if at > now - up)])
        highest = max([recommendation, *(count for at, count in self._recommended if at > now - down)])
        self._recommended.append((now, recommendation))
        return min(max(current, lowest), highest)

    def _limit(self, now: float, current: int, *, upwards: bool) -> int:
        """Return the largest change that the policies of a direction allow, as a number of replicas."""
        rules = self._scaling.up if upwards else self._scaling.down
        if rules.select == "Disabled":
            return current
        proposals = [self._proposal(now, current, policy, upwards=upwards) for policy in rules.policies]
        furthest = max if upwards == (rules.select == "Max") else min
        return furthest(proposals)

    def _proposal(self, now: float, current: int, policy: Policy, *, upwards: bool) -> int:
        before = current - sum(change for at, change in self._changes if at > now - policy.period)
        sign = 1 if upwards else -1
        if policy.unit is Unit.PODS:
            return before + sign * policy.value
        # Upwards the result is rounded up, otherwise one replica would never grow; downwards it is rounded down.
        share = before * (100 + sign * policy.value) / 100
        return math.ceil(share) if upwards else math.floor(share)
