"""Network policies: every rule selects pods that exist, at ports that they have, and no connection is missing."""

from typing import Any

import pytest

from tests.charts.tools import Documents, of_kind, pods, render
from tests.charts.values import EGRESS, EXTERNAL_CACHE, LAB, POLICIES, SENTINEL

MESH = {15012, 15008, 15020, 15090}
"""Ports of proxies and of Istio's control plane, which no pod of ours declares."""
DNS = 53
COMPONENT = "app.kubernetes.io/component"


@pytest.fixture(
    scope="module",
    params=[
        (),
        ("--set", "istio.enabled=true"),
        ("--set", "istio.enabled=true,istio.dataPlane=ambient,istio.plainMetrics=false"),
        (*EXTERNAL_CACHE, *EGRESS),
        SENTINEL,
    ],
    ids=["plain", "sidecars", "ambient", "elasticache", "sentinel"],
)
def documents(request: pytest.FixtureRequest) -> Documents:
    return render(*LAB, *POLICIES, *request.param)


def _ports(pod: dict[str, Any]) -> set[int]:
    return {port["containerPort"] for container in pod["containers"] for port in container.get("ports", [])}


def _selected(documents: Documents, selector: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return component and spec of the pods that a selector selects."""
    found = []
    for metadata, pod in pods(documents):
        labels = metadata["labels"]
        if not selector.get("matchLabels", {}).items() <= labels.items():
            continue
        if all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", [])):
            found.append((labels[COMPONENT], pod))
    return found


def _rules(documents: Documents, way: str) -> list[tuple[list[tuple[str, dict[str, Any]]], dict[str, Any]]]:
    """Return whom each rule is about, and the rule."""
    return [
        (_selected(documents, policy["spec"]["podSelector"]), rule)
        for policy in of_kind(documents, "NetworkPolicy")
        for rule in policy["spec"].get(way, [])
    ]


def _own_peers(documents: Documents, rule: dict[str, Any], way: str) -> list[tuple[str, dict[str, Any]]]:
    selectors = [peer["podSelector"] for peer in rule[way] if "podSelector" in peer and "namespaceSelector" not in peer]
    for selector in selectors:
        assert _selected(documents, selector), selector
    return [pod for selector in selectors for pod in _selected(documents, selector)]


def test_every_policy_is_about_pods_that_are_there(documents: Documents) -> None:
    for policy in of_kind(documents, "NetworkPolicy"):
        assert _selected(documents, policy["spec"]["podSelector"]), policy["metadata"]["name"]
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_every_pod_is_refused_first_and_allowed_something_then(documents: Documents) -> None:
    everyone = {metadata["labels"][COMPONENT] for metadata, _ in pods(documents)}
    chosen = [
        {component for component, _ in _selected(documents, policy["spec"]["podSelector"])}
        for policy in of_kind(documents, "NetworkPolicy")
    ]
    assert everyone in chosen
    assert everyone == {component for components in chosen if len(components) == 1 for component in components}


def test_no_rule_lets_everybody_in_or_out(documents: Documents) -> None:
    for way, peers in {"ingress": "from", "egress": "to"}.items():
        for _, rule in _rules(documents, way):
            assert rule[peers]
            assert rule["ports"]


def test_every_port_is_one_of_the_pods(documents: Documents) -> None:
    for about, rule in _rules(documents, "ingress"):
        for _, pod in about:
            assert {port["port"] for port in rule["ports"]} - MESH <= _ports(pod)
    for _, rule in _rules(documents, "egress"):
        peers = _own_peers(documents, rule, "to")
        for _, pod in peers:
            assert {port["port"] for port in rule["ports"]} - MESH - {80} <= _ports(pod)


def test_what_one_may_reach_lets_one_in(documents: Documents) -> None:
    """Both ends have to agree, or the connection is refused at one of them."""
    out = {
        (mine, theirs)
        for about, rule in _rules(documents, "egress")
        for mine, _ in about
        for theirs, _ in _own_peers(documents, rule, "to")
    }
    into = {
        (theirs, mine)
        for about, rule in _rules(documents, "ingress")
        for mine, _ in about
        for theirs, _ in _own_peers(documents, rule, "from")
    }
    assert out == into
    parts = {theirs for _, theirs in out}
    assert {"broker", "lab-api", "project-api"} <= parts
    clients = {mine for mine, theirs in out if theirs == "broker"} - {"broker"}
    assert clients == {f"{s}-{p}" for s in ("lab", "project") for p in ("api", "interactive", "bulk", "flower")}


def test_keda_reaches_the_broker_alone(documents: Documents) -> None:
    reached = {
        component
        for about, rule in _rules(documents, "ingress")
        for component, _ in about
        if "keda-operator" in str(rule["from"])
    }
    assert reached == {"broker"}


def test_prometheus_reaches_what_has_metrics(documents: Documents) -> None:
    reached = {
        component
        for about, rule in _rules(documents, "ingress")
        for component, _ in about
        if "monitoring" in str(rule["from"])
    }
    assert {f"{s}-{p}" for s in ("lab", "project") for p in ("api", "interactive", "bulk")} <= reached


def test_names_can_be_looked_up_by_all(documents: Documents) -> None:
    rules = [
        (about, rule)
        for about, rule in _rules(documents, "egress")
        if {"port": DNS, "protocol": "UDP"} in rule["ports"]
    ]
    ((about, _),) = rules
    assert {id(pod) for _, pod in about} == {id(pod) for _, pod in pods(documents)}


def test_nobody_reaches_flower_unless_named() -> None:
    def reached(*values: str) -> set[str]:
        documents = render(*POLICIES, *values)
        return {component for about, _ in _rules(documents, "ingress") for component, _ in about}

    assert "project-flower" not in reached()
    assert "project-flower" in reached(
        "--set-json", 'networkPolicies.flower=[{"podSelector":{"matchLabels":{"a":"b"}}}]'
    )


def test_without_autoscaling_nothing_is_open_for_keda() -> None:
    assert "keda" not in str(list(of_kind(render(*POLICIES, "--set", "autoscaling.enabled=false"), "NetworkPolicy")))
