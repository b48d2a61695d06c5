"""Scaling of a deployment: the fields of a HorizontalPodAutoscaler, and of a KEDA ScaledObject for the workers.

Defaults are Kubernetes' own (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/) and KEDA's
(https://keda.sh/docs/latest/reference/scaledobject-spec/) unless a field says otherwise. Times in seconds.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt


class Inputs(BaseModel):
    """Checked, frozen, and strict about names; a field's docstring is its help."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Unit(StrEnum):
    """Unit of a policy's value."""

    PODS = "Pods"
    PERCENT = "Percent"


Select = Literal["Max", "Min", "Disabled"]
"""Choice among several policies: the largest change, the smallest change, or no change."""
Metric = Literal["backlog", "queue"]
"""Value that KEDA's redis scaler reads; see `WorkerScaling.metric`."""


class Policy(Inputs):
    """The most that replicas may change within a period."""

    unit: Unit
    value: PositiveInt
    period: PositiveFloat = 15.0


class Rules(Inputs):
    """One direction of an HPA's behaviour."""

    stabilisation: NonNegativeFloat
    policies: tuple[Policy, ...] = Field(min_length=1)
    select: Select = "Max"


class Scaling(Inputs):
    """Settings of an HPA and of its pods. Equal minimum and maximum fix the number."""

    min_replicas: PositiveInt | None = None
    """Fewest replicas; unset, what is needed (two at least): workers at the base rate, API in the spike."""
    max_replicas: PositiveInt = 1000
    """Most replicas; the smallest number counts where this is below the fewest."""
    target: PositiveFloat
    """Metric that one replica should carry."""
    sync_seconds: PositiveFloat = 15.0
    """Seconds between two decisions of the HPA."""
    tolerance: NonNegativeFloat = 0.1
    """Relative distance from the target within which nothing changes."""
    up: Rules = Rules(
        stabilisation=0.0, policies=(Policy(unit=Unit.PERCENT, value=100), Policy(unit=Unit.PODS, value=4))
    )
    """Scaling up."""
    down: Rules = Rules(stabilisation=300.0, policies=(Policy(unit=Unit.PERCENT, value=100),))
    """Scaling down."""
    pod_start_seconds: NonNegativeFloat = 10.0
    """From the decision until the container runs: scheduling and image; much more where a node must come first."""
    vcpus: PositiveFloat
    """CPU request of one replica, paid from its creation."""


class ApiScaling(Scaling):
    """The API: one process, one event loop, one CPU a replica, scaled by CPU time."""

    target: PositiveFloat = 0.6
    """CPU seconds a second that one replica should use: the HPA's average utilisation, as a share of a CPU."""
    vcpus: PositiveFloat = 1.0
    """CPU request of one replica."""


class WorkerScaling(Scaling):
    """The workers: several model processes a replica, scaled by KEDA on what the broker holds."""

    processes: PositiveInt = 2
    """Model processes of one replica."""
    target: PositiveFloat = 1.4
    """Metric for one replica: 0.7 unanswered texts for each of its processes."""
    vcpus: PositiveFloat = 2.0
    """CPU request of one replica: one a model process."""
    metric: Metric = "backlog"
    """Value that KEDA reads from the broker: texts that are claimed and not answered (backlog), or messages that wait
    in the queue (queue)."""
    cached_metrics: bool = False
    """KEDA's useCachedMetrics: the HPA sees the value of the last poll instead of asking the broker itself."""
    poll_seconds: PositiveFloat = 30.0
    """KEDA's pollingInterval. Between 1 and n replicas it matters with cached metrics only."""
