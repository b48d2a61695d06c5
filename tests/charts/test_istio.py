"""Routes by path, time limits that agree with the service's, and who needs no certificate."""

import re
from typing import Any

import pytest

from api.routes.jobs import _LONGEST_WAIT
from api.server import _KEEP_ALIVE_SECONDS
from shared.process.settings import Settings
from tests.charts.tools import Documents, named, of_kind, pods, render
from tests.charts.values import EXTERNAL_CACHE, ISTIO, LAB

ROUTED = (*ISTIO, *LAB, "--set", "services.deep.pathPrefix=/lab/deep,istio.gateway.tlsSecret=tls")
SHOWN = ("--set", "rootPaths./docs=lab,rootPaths./openapi\\.json=lab")


@pytest.fixture(scope="module")
def documents() -> Documents:
    return render(*ROUTED, *SHOWN)


def _route(documents: Documents, method: str, path: str) -> dict[str, Any] | None:
    """Return the route that a gateway takes: the first with a match."""
    (service,) = of_kind(documents, "VirtualService")
    for route in service["spec"]["http"]:
        for match in route["match"]:
            uri = match["uri"]
            at = path == uri["exact"] if "exact" in uri else path.startswith(uri["prefix"])
            if at and re.fullmatch(match.get("method", {"regex": ".*"})["regex"], method):
                found: dict[str, Any] = route
                return found
    return None


@pytest.mark.parametrize(
    ("method", "path", "service", "seconds", "attempts"),
    [
        ("POST", "/project/predict", "project", 2.3, 0),
        ("POST", "/project/bulk-predict", "project", 2.3, 0),
        ("GET", "/project/health", "project", 2.3, 2),
        ("POST", "/project/jobs", "project", 35, 0),
        ("GET", "/project/jobs/abc", "project", 35, 2),
        ("GET", "/project/jobs/abc/results", "project", 35, 2),
        ("DELETE", "/project/jobs/abc", "project", 35, 0),
        ("POST", "/lab/predict", "lab", 2.3, 0),
        ("POST", "/lab/deep/predict", "deep", 2.3, 0),
        ("POST", "/lab/deep/jobs", "deep", 35, 0),
        ("GET", "/docs", "lab", 2.3, 2),
        ("GET", "/docs/swagger-ui.css", "lab", 2.3, 2),
        ("GET", "/openapi.json", "lab", 2.3, 2),
    ],
)
def test_each_path_has_its_service_and_its_time(
    documents: Documents, method: str, path: str, service: str, seconds: float, attempts: int
) -> None:
    route = _route(documents, method, path)
    assert route
    assert route["route"] == [{"destination": {"host": f"release-sentiment-{service}-api", "port": {"number": 80}}}]
    assert _seconds(route["timeout"]) == seconds
    assert route["retries"]["attempts"] == attempts


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz", "/health", "/", "/projects/predict", "/labs"])
def test_nothing_else_is_shown(documents: Documents, path: str) -> None:
    assert _route(documents, "GET", path) is None


def test_metrics_are_shown_where_one_asks_for_it() -> None:
    assert _route(render(*ISTIO, "--set", "rootPaths./metrics=project"), "GET", "/metrics")


def test_the_gateway_waits_longer_than_the_service(documents: Documents) -> None:
    sync, jobs = _route(documents, "POST", "/project/predict"), _route(documents, "GET", "/project/jobs/abc")
    assert sync
    assert jobs
    assert _seconds(sync["timeout"]) > Settings().deadline
    assert _seconds(jobs["timeout"]) >= _LONGEST_WAIT + 5


def test_a_service_with_another_deadline_has_another_time() -> None:
    documents = render(*ISTIO, *LAB, "--set", "settings.deadline=3,services.lab.api.settings.deadline=1.2")
    for path, seconds in {"/project/predict": 3.5, "/lab/predict": 1.7}.items():
        route = _route(documents, "POST", path)
        assert route
        assert _seconds(route["timeout"]) == seconds


def test_names_of_routes_are_unique_and_hosts_are_services(documents: Documents) -> None:
    (service,) = of_kind(documents, "VirtualService")
    names = [route["name"] for route in service["spec"]["http"]]
    assert len(set(names)) == len(names)
    hosts = {to["destination"]["host"] for route in service["spec"]["http"] for to in route["route"]}
    assert hosts == {rule["spec"]["host"] for rule in of_kind(documents, "DestinationRule")}
    assert hosts <= named(documents, "Service").keys()


def test_http_is_sent_to_https_where_there_is_a_certificate(documents: Documents) -> None:
    (gateway,) = of_kind(documents, "Gateway")
    plain, secure = gateway["spec"]["servers"]
    assert plain["tls"] == {"httpsRedirect": True}
    assert secure["tls"]["credentialName"] == "tls"
    (gateway,) = of_kind(render(*ISTIO), "Gateway")
    assert [server.get("tls") for server in gateway["spec"]["servers"]] == [None]


def test_a_gateway_that_is_there_is_used() -> None:
    documents = render(*ISTIO, "--set", "istio.gateway.existing=istio-system/main")
    assert not list(of_kind(documents, "Gateway"))
    (service,) = of_kind(documents, "VirtualService")
    assert service["spec"]["gateways"] == ["istio-system/main"]


def test_our_own_503_and_504_eject_nobody(documents: Documents) -> None:
    for rule in of_kind(documents, "DestinationRule"):
        outliers = rule["spec"]["trafficPolicy"]["outlierDetection"]
        assert outliers["splitExternalLocalOriginErrors"] is True
        assert outliers["consecutiveLocalOriginFailures"] > 0
        assert outliers["consecutive5xxErrors"] == outliers["consecutiveGatewayErrors"] == 0


def test_the_proxy_closes_a_connection_first_and_gives_up_a_dead_one_in_time(documents: Documents) -> None:
    for rule in of_kind(documents, "DestinationRule"):
        pool = rule["spec"]["trafficPolicy"]["connectionPool"]
        assert _seconds(pool["http"]["idleTimeout"]) < _KEEP_ALIVE_SECONDS
        assert _seconds(pool["tcp"]["connectTimeout"]) < Settings().deadline


def test_the_apis_alone_are_in_the_mesh(documents: Documents) -> None:
    for metadata, pod in pods(documents):
        inside = pod["containers"][0]["name"] in {"api", "predict"}
        assert metadata["labels"]["sidecar.istio.io/inject"] == str(inside).lower()
        assert metadata["labels"]["istio.io/dataplane-mode"] == "none"
        assert (metadata.get("annotations", {}).get("sidecar.istio.io/nativeSidecar") == "true") == inside
        if inside:
            assert metadata["annotations"]["traffic.sidecar.istio.io/excludeOutboundPorts"] == "6379"


def test_the_proxy_leaves_redis_alone_on_any_port() -> None:
    documents = render(*ISTIO, *EXTERNAL_CACHE, "--set", "cache.port=6380")
    excluded = {
        metadata["annotations"]["traffic.sidecar.istio.io/excludeOutboundPorts"]
        for metadata, pod in pods(documents)
        if pod["containers"][0]["name"] == "api"
    }
    assert excluded == {"6379,6380"}


def test_under_ambient_there_is_no_proxy_in_any_pod() -> None:
    documents = render(*ISTIO, "--set", "istio.dataPlane=ambient,istio.plainMetrics=false")
    for metadata, pod in pods(documents):
        inside = pod["containers"][0]["name"] in {"api", "predict"}
        assert metadata["labels"]["sidecar.istio.io/inject"] == "false"
        assert metadata["labels"]["istio.io/dataplane-mode"] == ("ambient" if inside else "none")
    (peers,) = of_kind(documents, "PeerAuthentication")
    assert peers["spec"]["mtls"] == {"mode": "STRICT"}
    assert "portLevelMtls" not in peers["spec"]


def test_without_a_certificate_one_may_read_metrics_and_nothing_else(documents: Documents) -> None:
    policies = named(documents, "AuthorizationPolicy")
    apis = {m["labels"]["app.kubernetes.io/component"]: m["labels"] for m, _ in pods(documents)}
    for name, peers in named(documents, "PeerAuthentication").items():
        assert peers["spec"]["mtls"] == {"mode": "STRICT"}
        assert peers["spec"]["portLevelMtls"] == {"8000": {"mode": "PERMISSIVE"}}
        assert policies[name]["spec"]["selector"] == peers["spec"]["selector"]
        wanted = peers["spec"]["selector"]["matchLabels"].items()
        (selected,) = (component for component, labels in apis.items() if wanted <= labels.items())
        assert selected.endswith("-api")
        assert policies[name]["spec"]["action"] == "ALLOW"
        assert policies[name]["spec"]["rules"] == [
            {"from": [{"source": {"principals": ["*"]}}]},
            {"to": [{"operation": {"methods": ["GET"], "paths": ["/metrics"], "ports": ["8000"]}}]},
        ]


def test_strict_is_strict_where_prometheus_is_in_the_mesh() -> None:
    documents = render(*ISTIO, "--set", "istio.plainMetrics=false")
    assert not list(of_kind(documents, "AuthorizationPolicy"))
    (peers,) = of_kind(documents, "PeerAuthentication")
    assert "portLevelMtls" not in peers["spec"]


def test_without_istio_nothing_speaks_of_it() -> None:
    assert "istio" not in str(render())


def _seconds(duration: str) -> float:
    found = re.fullmatch(r"([0-9.]+)s", duration)
    assert found
    return float(found[1])
