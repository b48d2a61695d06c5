"""The dashboard of the service on Kubernetes: replicas, CPU, memory, restarts, HPA and KEDA.

The series are those of kube-state-metrics, the kubelet and KEDA; they are selected by the names of the chart's objects.
"""

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.dashboards.board import add, board
from deploy.dashboards.panels import BYTES, COUNT, RATE, RED, SECONDS, SHARE, YELLOW, Query, lines

_NAMESPACE: Final = 'namespace=~"$namespace"'
_PODS: Final = f'{_NAMESPACE}, pod=~".+-(($service)-(api|interactive|bulk|flower)|broker|cache)-.+"'
_DEPLOYMENTS: Final = f'{_NAMESPACE}, deployment=~".+-(($service)-(api|interactive|bulk|flower)|cache)"'
_HPAS: Final = f'{_NAMESPACE}, horizontalpodautoscaler=~".+-($service)-(api|interactive|bulk)"'
_SCALED: Final = 'scaledObject=~".+-($service)-(interactive|bulk)"'
_VOLUME: Final = f'{_NAMESPACE}, persistentvolumeclaim=~".+-broker-.+"'
_HPA: Final = "kube_horizontalpodautoscaler"


def workload() -> Dashboard:
    """Return the dashboard of the workload on Kubernetes."""
    dashboard = board(
        "workload",
        "Sentiment: workload",
        "Kubernetes' view of the service: needs kube-state-metrics, the kubelet's cAdvisor and KEDA's metrics.",
    )
    add(dashboard, "Replicas", _replicas())
    add(dashboard, "CPU", _cpu())
    add(dashboard, "Memory and disk", _memory())
    add(dashboard, "Autoscaling", [*_scaling(), *_keda_itself()])
    return dashboard


def _replicas() -> Iterator[timeseries.Panel]:
    broker = f'{_NAMESPACE}, statefulset=~".+-broker"'
    lost = f'kube_pod_status_phase{{{_PODS}, phase=~"Pending|Failed|Unknown"}}'
    restarts = f"increase(kube_pod_container_status_restarts_total{{{_PODS}}}[1h])"
    yield lines(
        "Wanted",
        "Replicas that each Deployment should have, as its autoscaler says.",
        COUNT,
        Query(f"kube_deployment_spec_replicas{{{_DEPLOYMENTS}}}", "{{deployment}}"),
        width=6,
    )
    yield lines(
        "Ready",
        "Replicas that take work: of Deployments, and of the broker.",
        COUNT,
        Query(f"kube_deployment_status_replicas_ready{{{_DEPLOYMENTS}}}", "{{deployment}}"),
        Query(f"kube_statefulset_status_replicas_ready{{{broker}}}", "{{statefulset}}"),
        width=6,
    )
    yield lines(
        "Not running",
        "Pods that wait for a node, or have failed.",
        COUNT,
        Query(f"sum by (namespace, phase) ({lost})", "{{namespace}} {{phase}}"),
        width=6,
    )
    yield lines(
        "Restarts",
        "Containers started again within the last hour.",
        COUNT,
        Query(f"sum by (namespace, pod) ({restarts}) > 0", "{{pod}}"),
        steps=[(1, RED)],
        width=6,
    )


def _most(series: str) -> str:
    """Return a query for the largest of a pod's series: that of the pod, otherwise the largest of its containers."""
    return f"max by (namespace, pod) ({series})"


def _cpu() -> Iterator[timeseries.Panel]:
    used, throttled, periods = (
        _most(f"rate(container_cpu_{name}_total{{{_PODS}}}[$__rate_interval])")
        for name in ("usage_seconds", "cfs_throttled_periods", "cfs_periods")
    )
    yield lines("CPU", "CPUs that each pod uses.", COUNT, Query(used, "{{pod}}"), width=12)
    yield lines(
        "CPU withheld",
        "Share of scheduling periods in which a pod had used up its limit. Model processes reach it by design; "
        "an API process that does answers late.",
        SHARE,
        Query(f"{throttled} / {periods}", "{{pod}}"),
        width=12,
    )


def _memory() -> Iterator[timeseries.Panel]:
    memory = _most(f"container_memory_working_set_bytes{{{_PODS}}}")
    limit = f'sum by (namespace, pod) (kube_pod_container_resource_limits{{{_PODS}, resource="memory"}})'
    disk = f"kubelet_volume_stats_used_bytes{{{_VOLUME}}} / kubelet_volume_stats_capacity_bytes{{{_VOLUME}}}"
    yield lines("Memory", "Working set of each pod.", BYTES, Query(memory, "{{pod}}"))
    yield lines(
        "Memory of the limit",
        "Working set over the pod's limit; at 1 it is killed.",
        SHARE,
        Query(f"{memory} / {limit}", "{{pod}}"),
        steps=[(0.9, RED)],
    )
    yield lines(
        "Broker's volume",
        "Share of the disk that is used; when it is full the broker takes no work.",
        SHARE,
        Query(disk, "{{persistentvolumeclaim}}"),
        steps=[(0.8, RED)],
    )


def _keda(metric: str, window: str = "") -> str:
    """Return a query for KEDA's series of the lanes, whether or not the scrape has renamed the label namespace.

    Args:
        metric: name of the metric.
        window: for a counter, the window of its increase per second; empty for a gauge.
    """
    selectors = (f"{metric}{{{name}{_NAMESPACE}, {_SCALED}}}{window}" for name in ("", "exported_"))
    return " or ".join(f"rate({selector})" if window else selector for selector in selectors)


def _scaling() -> Iterator[timeseries.Panel]:
    full = f"{_HPA}_status_desired_replicas{{{_HPAS}}} / {_HPA}_spec_max_replicas{{{_HPAS}}}"
    yield lines(
        "HPA: wanted of the maximum",
        "At 1 what comes on top is not served by more replicas.",
        SHARE,
        Query(full, "{{horizontalpodautoscaler}}"),
        steps=[(1, YELLOW)],
    )
    yield lines(
        "What KEDA reads",
        "Unfinished work, as KEDA's operator has read it last.",
        COUNT,
        Query(_keda("keda_scaler_metrics_value"), "{{scaledObject}} {{scaler}}"),
    )
    yield lines(
        "Lanes awake",
        "1 while KEDA sees work in a lane.",
        COUNT,
        Query(_keda("keda_scaler_active"), "{{scaledObject}} {{scaler}}"),
    )


def _keda_itself() -> Iterator[timeseries.Panel]:
    reads = _keda("keda_scaler_detail_errors_total", "[$__rate_interval]")
    loops = _keda("keda_scaled_object_errors_total", "[$__rate_interval]")
    yield lines(
        "KEDA's errors",
        "Reads that failed, and loops that ended badly, a second; meanwhile replicas stay as they are.",
        RATE,
        Query(f"sum by (scaledObject, scaler) ({reads})", "{{scaledObject}} {{scaler}}"),
        Query(f"sum by (scaledObject) ({loops})", "{{scaledObject}} loop"),
        width=12,
    )
    yield lines(
        "KEDA's reads",
        "How long each takes.",
        SECONDS,
        Query(_keda("keda_scaler_metrics_latency_seconds"), "{{scaledObject}} {{scaler}}"),
        steps=[(3, RED)],
        width=12,
    )
