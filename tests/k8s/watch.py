"""State of the release on the cluster: replicas, pods, events, the counts of KEDA and Redis."""

import json
from typing import Any, Final
from urllib.parse import quote

from shared.contract.errors import SentimentError
from tests.charts.tools import tool
from tests.k8s import cluster
from tests.k8s.cluster import NAMESPACE, RELEASE
from tests.k8s.run import MINUTES, until

LANES: Final = ("interactive", "bulk")
_OTHERS: Final = {"broker", "cache", "lab-bulk"}
_PATIENCE: Final = 10 * MINUTES


def deployment(part: str) -> str:
    """Return the name of the project's Deployment of a part: api, interactive or bulk."""
    return f"{RELEASE}-project-{part}"


def replicas(part: str) -> int:
    """Count the pods that a Deployment has, ready or not."""
    return int(cluster.read("deployment", deployment(part))["status"].get("replicas", 0))


def pods(part: str) -> list[dict[str, Any]]:
    """Return a component's pods, those that are going included; a part of the project, or another component."""
    component = part if part in _OTHERS else f"project-{part}"
    found = cluster.read("pod", "--selector", f"app.kubernetes.io/component={component}")["items"]
    return [dict(pod) for pod in found]


def ready(part: str, count: int) -> bool:
    """Tell whether a part has exactly that many pods, all of them ready and none on its way out."""
    found = pods(part)
    states = [
        not pod["metadata"].get("deletionTimestamp")
        and all(c["ready"] for c in pod["status"].get("containerStatuses", [{"ready": False}]))
        for pod in found
    ]
    return len(states) == count and all(states)


def settle(part: str, count: int) -> None:
    """Wait until a part has exactly that many ready pods."""
    until(lambda: ready(part, count), f"{count} ready pods of {part}", _PATIENCE)


def hold(lane: str, count: int) -> None:
    """Have KEDA keep a lane at that many replicas, whatever waits."""
    note = f"autoscaling.keda.sh/paused-replicas={count}"
    cluster.kubectl("annotate", "--overwrite", "scaledobject", deployment(lane), note)


def let_go(lane: str) -> None:
    """Have KEDA scale a lane again."""
    cluster.kubectl("annotate", "scaledobject", deployment(lane), "autoscaling.keda.sh/paused-replicas-")


def scaling_ready() -> bool:
    """Tell whether KEDA reads what every ScaledObject counts; one that cannot holds, and looks like one that does."""
    for entry in cluster.read("scaledobject")["items"]:
        conditions = {c["type"]: c["status"] for c in entry["status"].get("conditions", [])}
        if conditions.get("Ready") != "True":
            return False
    return not any(metric is None for metric in map(counted, ("interactive", "bulk")))


def counted(lane: str) -> float | None:
    """Return the value that KEDA gives the HPA for a lane; none while KEDA cannot read Redis."""
    name = deployment(lane)
    metric = (
        cluster.read("scaledobject", name)["status"]["externalMetricNames"][0]
        if lane == "interactive"
        else "composite-metric"
    )
    selector = quote(f"scaledobject.keda.sh/name={name}")
    path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}/{metric}?labelSelector={selector}"
    try:
        items = json.loads(cluster.run(tool("kubectl"), "get", "--raw", path, seconds=20))["items"]
    except SentimentError:
        return None
    return _number(items[0]["value"]) if items else None


def _number(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def redis(part: str, *command: str) -> str:
    """Run redis-cli in broker or cache."""
    pod = f"{RELEASE}-broker-0" if part == "broker" else f"deployment/{RELEASE}-cache"
    return cluster.kubectl("exec", pod, "--container", "redis", "--", "redis-cli", *command).strip()


def events(kind: str, name: str) -> list[str]:
    """Return the events of an object, oldest first: reason and message."""
    found = cluster.read("event", "--field-selector", f"involvedObject.kind={kind},involvedObject.name={name}")["items"]
    found.sort(key=lambda event: event.get("lastTimestamp") or event["metadata"]["creationTimestamp"])
    return [f"{event['reason']}: {event['message']}" for event in found]
