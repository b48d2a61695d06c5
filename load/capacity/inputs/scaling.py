"""Scaling of a deployment: the fields of a HorizontalPodAutoscaler, and of a KEDA ScaledObject for the workers.

Defaults are Kubernetes' own (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/) and KEDA's
(https://keda.sh/docs/latest/reference/scaledobject-spec/) unless a field says otherwise. Times are in seconds.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt


class Inputs(BaseModel):
    """Base of all inputs: fields are validated, unknown names are refused, and a field's docstring is its help."""

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
    """The largest change of the number of replicas within a period."""

    unit: Unit
    value: PositiveInt
    period: PositiveFloat = 15.0


class Rules(Inputs):
    """The rules of an HPA's behaviour in one direction."""

    stabilisation: NonNegativeFloat
    policies: tuple[Policy, ...] = Field(min_length=1)
    select: Select = "Max"


class Scaling(Inputs):
    """The settings of an HPA and of its pods. If minimum and maximum are equal, the number of replicas is fixed."""

    min_replicas: PositiveInt | None = None
    """Smallest number of replicas. Default: the needed number, of workers at the base rate, of the API in the spike."""
    max_replicas: PositiveInt = 1000
    """Largest number of replicas; ignored if it is below the smallest number."""
    target: PositiveFloat
    """Value of the metric per replica."""
    sync_seconds: PositiveFloat = 15.0
    """Seconds between two decisions of the HPA."""
    tolerance: NonNegativeFloat = 0.1
    """Relative distance from the target within which the number of replicas does not change."""
    up: Rules = Rules(
        stabilisation=0.0, policies=(Policy(unit=Unit.PERCENT, value=100), Policy(unit=Unit.PODS, value=4))
    )
    """Rules for scaling up."""
    down: Rules = Rules(stabilisation=300.0, policies=(Policy(unit=Unit.PERCENT, value=100),))
    """Rules for scaling down."""
    pod_start_seconds: NonNegativeFloat = 10.0
    """Time from the decision until the container runs (scheduling, image); much more if a node must start first."""
    vcpus: PositiveFloat
    """CPU request of one replica; it is paid from the pod's creation on."""


class ApiScaling(Scaling):
    """The scaling of the API by CPU time; a replica is one process with one event loop and one CPU."""

    target: PositiveFloat = 0.6
    """CPU seconds per second that one replica should use: the HPA's average utilisation, as a share of a CPU."""
    vcpus: PositiveFloat = 1.0
    """CPU request of one replica."""


class WorkerScaling(Scaling):
    """The scaling of the workers by KEDA, by unfinished work; a replica has several model processes."""

    processes: PositiveInt = 2
    """Model processes of one replica."""
    target: PositiveFloat = 1.4
    """Value of the metric per replica: 0.7 unanswered texts for each of its processes."""
    vcpus: PositiveFloat = 2.0
    """CPU request of one replica: one CPU for each model process."""
    metric: Metric = "backlog"
    """Value that KEDA reads from the broker: texts that are claimed and not answered (backlog), or messages that wait
    in the queue (queue)."""
    cached_metrics: bool = False
    """KEDA's useCachedMetrics: the HPA gets the value of KEDA's last poll instead of a new one from the broker."""
    poll_seconds: PositiveFloat = 30.0
    """KEDA's pollingInterval. Between 1 and n replicas it has an effect only with cached metrics."""
