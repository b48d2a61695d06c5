"""Values with which the chart must render: every way of using it, and what belongs together."""

from typing import Final

from tests.charts.tools import CHART

DEV: Final = ("--values", str(CHART / "values-dev.yaml"))
PROD: Final = ("--values", str(CHART / "values-prod.yaml"))
LAB: Final = ("--set", "services.lab.pathPrefix=/lab")
ISTIO: Final = ("--set", "istio.enabled=true")
GATEWAY: Final = ("--set", "gatewayApi.enabled=true,gatewayApi.gateway.className=theirs")
SHARED: Final = ("--set", "services.candidate.pathPrefix=/project,gatewayApi.weights.project.candidate=10")
POLICIES: Final = ("--set", "networkPolicies.enabled=true")
EGRESS: Final = (
    "--set-json",
    'networkPolicies.egress=[{"to":[{"ipBlock":{"cidr":"10.0.0.0/16"}}],"ports":[{"port":6379}]}]',
)
MONITORING: Final = (
    "--set",
    "monitoring.podMonitors.enabled=true,monitoring.rules.enabled=true,monitoring.dashboards.enabled=true",
)
SENTINEL: Final = ("--set", "broker.mode=sentinel")
EXTERNAL_CACHE: Final = ("--set", "cache.internal=false,cache.existingSecret=mine")

MATRIX: Final = {
    "defaults": (),
    "dev": DEV,
    "prod": PROD,
    "lab": (*DEV, *LAB),
    "no autoscaling": (*DEV, "--set", "autoscaling.enabled=false"),
    "external redis": ("--set", "cache.internal=false,cache.url=rediss://cache.example:6379/0"),
    "external broker": ("--set", "broker.internal=false,broker.url=rediss://:pw-3f9a@broker.example:6379/0"),
    "sentinel": (*DEV, *SENTINEL, *POLICIES, *ISTIO),
    "external sentinels": (*SENTINEL, "--set", "broker.internal=false,broker.existingSecret=mine"),
    "elasticache": (*PROD, *EXTERNAL_CACHE, *EGRESS),
    "own authorities": ("--set", "broker.internal=false,broker.existingSecret=mine,redisCA.configMap=authorities"),
    "existing secrets": ("--set", "broker.existingSecret=mine,cache.existingSecret=mine,flower.existingSecret=mine"),
    "ingress": ("--set", "ingress.enabled=true,ingress.host=sentiment.example,ingress.tlsSecret=tls"),
    "digests": ("--set", f"images.api.digest=sha256:{'a' * 64}"),
    "monitoring": (*LAB, *MONITORING),
    "node ports": ("--set", "service.type=NodePort,service.nodePorts.project=30080"),
    "sidecars": (*ISTIO, *LAB, "--set", "istio.gateway.tlsSecret=tls,rootPaths./docs=project"),
    "ambient": (*ISTIO, *POLICIES, "--set", "istio.dataPlane=ambient,istio.plainMetrics=false"),
    "gateway of theirs": (*ISTIO, "--set", "istio.gateway.existing=istio-system/main,istio.mtls=PERMISSIVE"),
    "Gateway API": (*GATEWAY, *LAB, *SHARED, "--set", "gatewayApi.gateway.tlsSecret=tls,rootPaths./docs=project"),
    "Gateway API, gateway of theirs": (
        "--set",
        "gatewayApi.enabled=true,gatewayApi.gateway.existing=edge/main,gatewayApi.gateway.listener=https",
    ),
    "network policies": (*LAB, *POLICIES, "--set-json", 'networkPolicies.flower=[{"podSelector":{}}]'),
    "no Flower, no account": (*POLICIES, "--set", "flower.enabled=false,serviceAccount.create=false"),
    "names that YAML takes for something else": (
        *ISTIO,
        *(
            "--set-string",
            "broker.existingSecret=y,cache.existingSecret=1,flower.existingSecret=no",
        ),
        *("--set-string", "apiKeys.existingSecret=2,apiKeys.key=3,redisCA.configMap=on,redisCA.key=4"),
        *("--set-string", "serviceAccount.name=off,priorityClasses.api=5,broker.volume.storageClass=6"),
        *("--set-string", "istio.gateway.tlsSecret=7,podLabels.y=8,nodeSelector.n=9"),
    ),
    "everywhere the same": (
        "--set",
        "podLabels.team=nlp,podAnnotations.team=nlp,nodeSelector.kind=cpu,priorityClasses.api=high,spread=false",
    ),
}
