"""Series of KEDA, the kubelet and kube-state-metrics that the dashboards and alerts query.

``kubectl get --raw`` reads each source as Prometheus would, so no Prometheus is needed; nothing is changed.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.queries import CLUSTER, cluster_queries
from tests.support.promql import selectors

Read = Callable[[str], str]
"""Return the API server's answer at a path, as ``kubectl get --raw`` does."""

_RENAMED: Final = "exported_namespace"
"""Made by Prometheus, where a scrape does not honour KEDA's own label."""
_PODS: Final = {
    "keda_": ("app=keda-operator", 8080),
    "kube_": ("app.kubernetes.io/name=kube-state-metrics", 8080),
}
"""By how the names of their series begin: the label of the pods that tell them, and the port."""


class Held(NamedTuple):
    """The cluster's series held against what we ask for, each as ``name{label, …}``."""

    found: list[str]
    missing: list[str]
    """Their source is there and does not tell them, or not with all of these labels."""
    unproven: list[str]
    """Their source is not on this cluster."""


def wanted() -> dict[str, set[str]]:
    """Return the series that dashboards and alerts ask the cluster for, and the labels that they must have."""
    names: dict[str, set[str]] = {}
    for query in cluster_queries():
        for name, labels in selectors(query.expr):
            if name.startswith(CLUSTER):
                names.setdefault(name, set()).update(labels - {_RENAMED})
    return names


def hold(read: Read) -> Held:
    """Compare; the service must be installed under KEDA, so that there is something to tell.

    Args:
        read: asks the API server.
    """
    told: dict[str, list[set[str]]] = {}
    for text in (*_of_nodes(read), *_of_pods(read)):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                told.setdefault(sample.name, []).append({label for label, value in sample.labels.items() if value})
    held = Held([], [], [])
    for name, labels in sorted(wanted().items()):
        shown = f"{name}{{{', '.join(sorted(labels))}}}"
        if any(labels <= given for given in told.get(name, [])):
            held.found.append(shown)
        elif any(other.startswith(_source(name)) for other in told):
            held.missing.append(shown)
        else:
            held.unproven.append(shown)
    return held


def _source(name: str) -> str:
    """Return how all series of the same source begin; volumes that the kubelet cannot measure are one of its own."""
    return "kubelet_volume_stats_" if name.startswith("kubelet_volume") else name[: name.index("_") + 1]


def _of_nodes(read: Read) -> Iterator[str]:
    for node in json.loads(read("/api/v1/nodes"))["items"]:
        base = f"/api/v1/nodes/{node['metadata']['name']}/proxy/metrics"
        yield read(base)
        yield read(f"{base}/cadvisor")


def _of_pods(read: Read) -> Iterator[str]:
    for label, port in _PODS.values():
        pods: list[dict[str, Any]] = json.loads(read(f"/api/v1/pods?labelSelector={label}"))["items"]
        for pod in pods:
            meta = pod["metadata"]
            yield read(f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}:{port}/proxy/metrics")
