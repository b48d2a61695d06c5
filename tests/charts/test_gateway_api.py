"""Routes of the Gateway API: those of its schemas, by path and method, with the times that Istio's have."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.charts.tools import Documents, named, of_kind, render
from tests.charts.values import GATEWAY, LAB, MATRIX, SHARED

API = "gateway.networking.k8s.io/v1"
SCHEMAS = json.loads((Path(__file__).parent / "gateway-api-1.6.json").read_text("utf-8"))
ROUTED = (
    *GATEWAY,
    *LAB,
    *SHARED,
    *("--set", "services.deep.pathPrefix=/lab/deep,rootPaths./docs=lab,rootPaths./openapi\\.json=lab"),
)


@pytest.fixture(scope="module")
def documents() -> Documents:
    return render(*ROUTED)


def _rule(documents: Documents, method: str, path: str) -> dict[str, Any] | None:
    """Return the rule that a gateway takes: the one with the longest matching prefix, then one with a method."""
    found = []
    for route in of_kind(documents, "HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for match in rule.get("matches", []):
                prefix = match["path"]["value"]
                at = path == prefix or path.startswith(f"{prefix}/")
                if at and match.get("method", method) == method:
                    found.append((len(prefix), "method" in match, rule))
    best: dict[str, Any] | None = max(found, key=lambda entry: entry[:2])[2] if found else None
    return best


def _seconds(rule: dict[str, Any]) -> float:
    found = re.fullmatch(r"(\d{1,5})s(?:(\d{1,5})ms)?", rule["timeouts"]["request"])
    assert found
    return int(found[1]) + int(found[2] or 0) / 1000


def _weights(rule: dict[str, Any]) -> dict[str, int]:
    assert {to["port"] for to in rule["backendRefs"]} == {80}
    return {re.sub("release-sentiment-(.+)-api", r"\1", to["name"]): to["weight"] for to in rule["backendRefs"]}


@pytest.mark.parametrize("values", [name for name, values in MATRIX.items() if "gatewayApi" in str(values)])
def test_objects_are_those_of_the_schemas(values: str) -> None:
    objects = [document for document in render(*MATRIX[values]) if document["apiVersion"] == API]
    assert objects
    for document in objects:
        jsonschema.validate(document, SCHEMAS[document["kind"]])


def test_the_schemas_refuse_what_they_do_not_know(documents: Documents) -> None:
    route = next(of_kind(documents, "HTTPRoute"))
    unknown: list[dict[str, Any]] = [{"rule": []}, {"rules": [{"timeouts": {"request": "2.3s"}}]}]
    for spec in unknown:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(route | {"spec": spec}, SCHEMAS["HTTPRoute"])


@pytest.mark.parametrize(
    ("method", "path", "services", "seconds"),
    [
        ("POST", "/project/predict", {"project": 90, "candidate": 10}, 2.3),
        ("POST", "/project/bulk-predict", {"project": 90, "candidate": 10}, 2.3),
        ("GET", "/project/health", {"project": 1}, 2.3),
        ("POST", "/project/jobs", {"project": 1}, 35),
        ("GET", "/project/jobs/abc", {"project": 1}, 35),
        ("GET", "/project/jobs/abc/results", {"project": 1}, 35),
        ("DELETE", "/project/jobs/abc", {"project": 1}, 35),
        ("POST", "/lab/predict", {"lab": 100}, 2.3),
        ("POST", "/lab/deep/predict", {"deep": 100}, 2.3),
        ("POST", "/lab/deep/jobs", {"deep": 1}, 35),
        ("GET", "/docs", {"lab": 1}, 2.3),
        ("HEAD", "/docs/swagger-ui.css", {"lab": 1}, 2.3),
        ("GET", "/openapi.json", {"lab": 1}, 2.3),
    ],
)
def test_each_path_has_its_services_and_its_time(
    documents: Documents, method: str, path: str, services: dict[str, int], seconds: float
) -> None:
    rule = _rule(documents, method, path)
    assert rule
    assert _weights(rule) == services
    assert _seconds(rule) == seconds


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", path) for path in ("/metrics", "/livez", "/health", "/", "/projects/predict", "/labs")]
    + [("POST", "/docs")],
)
def test_nothing_else_is_shown(documents: Documents, method: str, path: str) -> None:
    assert _rule(documents, method, path) is None


def test_a_service_with_another_deadline_has_another_time() -> None:
    documents = render(*GATEWAY, *LAB, "--set", "settings.deadline=3,services.lab.api.settings.deadline=1.2")
    for path, seconds in {"/project/predict": 3.5, "/lab/predict": 1.7}.items():
        rule = _rule(documents, "POST", path)
        assert rule
        assert _seconds(rule) == seconds


def test_backends_are_services_and_a_candidate_answers_under_the_same_path(documents: Documents) -> None:
    routes = list(of_kind(documents, "HTTPRoute"))
    backends = {to["name"] for route in routes for rule in route["spec"]["rules"] for to in rule["backendRefs"]}
    assert backends == {f"release-sentiment-{name}-api" for name in ("project", "candidate", "lab", "deep")}
    assert backends <= named(documents, "Service").keys()
    api = named(documents, "Deployment")["release-sentiment-candidate-api"]["spec"]["template"]["spec"]
    environment = {entry["name"]: entry.get("value") for entry in api["containers"][0]["env"]}
    assert environment["SENTIMENT_PATH_PREFIX"] == "/project"
    assert environment["SENTIMENT_NAMESPACE"] == "candidate"


def test_a_route_has_no_more_rules_than_the_api_allows(documents: Documents) -> None:
    for route in of_kind(documents, "HTTPRoute"):
        assert len(route["spec"]["rules"]) <= 16


def test_http_is_sent_to_https_where_there_is_a_certificate() -> None:
    documents = render(*GATEWAY, "--set", "gatewayApi.gateway.tlsSecret=tls,gatewayApi.hosts[0]=a.example")
    (gateway,) = of_kind(documents, "Gateway")
    assert [listener["name"] for listener in gateway["spec"]["listeners"]] == ["http", "https"]
    routes = named(documents, "HTTPRoute")
    assert {name: route["spec"]["parentRefs"][0]["sectionName"] for name, route in routes.items()} == {
        "release-sentiment": "http",
        "release-sentiment-project": "https",
    }
    assert {tuple(route["spec"]["hostnames"]) for route in routes.values()} == {("a.example",)}
    (filters,) = (rule["filters"] for rule in routes["release-sentiment"]["spec"]["rules"])
    assert [entry["requestRedirect"]["scheme"] for entry in filters] == ["https"]
    for rule in routes["release-sentiment-project"]["spec"]["rules"]:
        assert rule["filters"][0]["type"] == "ResponseHeaderModifier"


def test_a_gateway_that_is_there_is_used() -> None:
    documents = render("--set", "gatewayApi.enabled=true,gatewayApi.gateway.existing=edge/main")
    assert not list(of_kind(documents, "Gateway"))
    (route,) = of_kind(documents, "HTTPRoute")
    assert route["spec"]["parentRefs"] == [{"namespace": "edge", "name": "main"}]
    assert "hostnames" not in route["spec"]


def test_without_it_there_is_no_route() -> None:
    assert not [document for document in render() if document["apiVersion"] == API]
