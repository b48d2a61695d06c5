"""Wrong values are refused, in words that name what is wrong."""

import pytest

from tests.charts.tools import CHART, helm

_ROUTED = "gatewayApi.enabled=true,gatewayApi.gateway.className=a,"
_TWO = "services.b.pathPrefix=/project,services.c.pathPrefix=/project,"
WRONG = {
    "broker.memry=1mb": "at '/broker': additional properties 'memry' not allowed",
    "broker.memory=much": "at '/broker/memory': 'much' does not match pattern",
    "autoscaling.enabled=perhaps": "at '/autoscaling/enabled': got string, want boolean",
    "services.lab.api.replicas.min=0": "at '/services/lab/api/replicas/min': minimum: got 0, want 1",
    "services.lab.worker.lanes.bulk.replicas.min=-1": "bulk/replicas/min': minimum: got -1, want 0",
    "services.Lab.pathPrefix=/lab": "invalid propertyName 'Lab'",
    "services.lab.pathPrefix=lab": "at '/services/lab/pathPrefix': 'lab' does not match pattern",
    "serviceDefaults.worker.lanes.interactive.perReplica=0": "perReplica': minimum: got 0, want 1",
    "images.api.digest=latest": "at '/images/api/digest': 'latest' does not match pattern",
    "broker.url=rediss://redis.example/3": "at '/broker/url'",
    "istio.mtls=strict": "at '/istio/mtls': value must be one of 'STRICT', 'PERMISSIVE', ''",
    "istio.timeouts.jobs=20": "at '/istio/timeouts/jobs': minimum: got 20, want 31",
    "istio.gateway.existing=main": "at '/istio/gateway/existing': 'main' does not match pattern",
    "networkPolicies.clients=null": "at '/networkPolicies': missing property 'clients'",
    "monitoring.podMonitors.interval=15": "at '/monitoring/podMonitors/interval'",
    "monitoring.rules.runbooks=docs": "at '/monitoring/rules/runbooks': 'docs' does not match pattern",
    "rootPaths./admin=project": "invalid propertyName '/admin'",
    "settings.rate_limt=5": "invalid propertyName 'rate_limt'",
    "settings.worker_processes=4": "invalid propertyName 'worker_processes'",
    "serviceDefaults.worker.lanes.interactive.replicas.min=0": "interactive/replicas/min': minimum: got 0, want 1",
    # What only the chart can see.
    "broker.memory=2gb": "broker.memory is 2gb, and broker.resources.limits.memory no more",
    "services.lab.worker.resources.limits.cpu=null": "services.lab: worker.resources.limits.cpu must be set",
    "broker.internal=false": "broker.internal is false, so broker.url or broker.existingSecret must say where it is",
    "broker.mode=cluster": "at '/broker/mode'",
    "broker.sentinel.antiAffinity=none": "at '/broker/sentinel/antiAffinity'",
    "broker.internal=false,broker.url=redis+sentinel://a?master=m": "broker.mode must be sentinel if broker.url names",
    "broker.internal=false,broker.url=redis://a,broker.mode=sentinel": "and single if it names a server",
    "services.lab.pathPrefix=/project": "services.lab and services.project have the same pathPrefix, /project",
    "services.lab.api.replicas.min=11": "services.lab: api.replicas.min is 11, which is above max, 10",
    "rootPaths./docs=lab": "rootPaths names the service lab, which services lacks",
    "service.nodePorts.lab=30080": "service.nodePorts names the service lab, which services lacks",
    "istio.enabled=true,ingress.enabled=true": "istio.enabled and ingress.enabled: choose one way in",
    "istio.enabled=true,gatewayApi.enabled=true": "istio.enabled and gatewayApi.enabled: choose one way in",
    "gatewayApi.enabled=true": "gatewayApi.gateway: className must name a GatewayClass, or existing a Gateway",
    f"{_ROUTED}services.b.pathPrefix=/b,gatewayApi.weights.project.b=5": "services.b.pathPrefix must be /project",
    f"{_ROUTED}gatewayApi.weights.project.b=5": "gatewayApi.weights names the service b, which services lacks",
    f"{_ROUTED}{_TWO}gatewayApi.weights.project.b=60,gatewayApi.weights.project.c=41": "weights.project: more than 100",
    f"{_ROUTED}{_TWO}gatewayApi.weights.project.b=5,gatewayApi.weights.b.c=5": "b shares the paths of another service",
    f"{_ROUTED}{_TWO}gatewayApi.weights.project.b=5": "services.c and services.project have the same pathPrefix",
    "services.b.pathPrefix=/project,gatewayApi.weights.project.b=5": "services.b and services.project have the same",
    f"{_ROUTED}{_TWO}gatewayApi.weights.project.b=5,gatewayApi.weights.project.c=5,rootPaths./docs=c": (
        "rootPaths names the service c, which has no paths of its own"
    ),
    "gatewayApi.weights.project.b=101": "at '/gatewayApi/weights/project/b': maximum: got 101, want 100",
    "istio.enabled=true,istio.dataPlane=ambient": "istio.plainMetrics needs a proxy in the pod",
    "networkPolicies.enabled=true,cache.internal=false,cache.url=rediss://cache.example": (
        "networkPolicies.egress must let the pods reach the Redis that cache.internal=false means"
    ),
}


@pytest.mark.parametrize(("value", "sentence"), WRONG.items())
def test_wrong_values_are_refused_by_name(value: str, sentence: str) -> None:
    done = helm("template", "release", str(CHART), "--set", value)
    assert done.returncode
    assert sentence in done.stderr
