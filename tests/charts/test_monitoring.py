"""The chart's objects for Prometheus and Grafana: none unless asked for, and then as the files say."""

import json
from typing import Any

import yaml

from tests.charts.tools import CHART, Documents, of_kind, pods, render


def _rendered(**monitoring: Any) -> Documents:
    values = {"services": {"project": {}, "lab": {}}, "monitoring": monitoring}
    return render("--set-json", ",".join(f"{name}={json.dumps(value)}" for name, value in values.items()))


def _selected(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    (expression,) = selector["matchExpressions"]
    assert expression["operator"] == "In"
    return selector["matchLabels"].items() <= labels.items() and labels[expression["key"]] in expression["values"]


def _dashboards(documents: Documents) -> Documents:
    return [document for document in of_kind(documents, "ConfigMap") if "-dashboard-" in document["metadata"]["name"]]


def test_nothing_is_there_unless_asked_for() -> None:
    documents = _rendered()
    assert not list(of_kind(documents, "PodMonitor", "PrometheusRule"))
    assert not _dashboards(documents)


def test_every_process_that_tells_is_scraped_once_at_a_port_that_it_has() -> None:
    documents = _rendered(podMonitors={"enabled": True, "labels": {"release": "stack"}, "interval": "30s"})
    monitors = list(of_kind(documents, "PodMonitor"))
    found: list[tuple[str, str, str]] = []
    for monitor in monitors:
        assert monitor["metadata"]["labels"]["release"] == "stack"
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        assert endpoint["interval"] == "30s"
        given = {rule["targetLabel"]: rule["replacement"] for rule in endpoint["relabelings"]}
        for metadata, pod in pods(documents):
            if _selected(monitor["spec"]["selector"], metadata["labels"]):
                (container,) = pod["containers"]
                assert endpoint["port"] in {port["name"] for port in container["ports"]}
                component = metadata["labels"]["app.kubernetes.io/component"]
                found.append((given["service"], given["job"], component))
    assert sorted(found) == sorted(
        (service, f"sentiment-{part}", f"{service}-{component}")
        for service in ("project", "lab")
        for part, component in (("api", "api"), ("worker", "interactive"), ("worker", "bulk"))
    )


def test_a_key_is_sent_where_metrics_ask_for_one_and_to_nobody_else() -> None:
    monitors = of_kind(
        _rendered(podMonitors={"enabled": True, "keySecret": {"name": "mine", "key": "one"}}), "PodMonitor"
    )
    for monitor in monitors:
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        expected = {"credentials": {"name": "mine", "key": "one"}} if endpoint["port"] == "http" else None
        assert endpoint.get("authorization") == expected


def test_the_rules_are_those_of_the_files_and_link_to_the_runbooks() -> None:
    base = "https://git.example/sentiment/"
    documents = of_kind(
        _rendered(rules={"enabled": True, "labels": {"role": "alerts"}, "runbooks": base}), "PrometheusRule"
    )
    files = {path.stem: yaml.safe_load(path.read_text()) for path in (CHART / "rules").glob("*.yaml")}
    assert {document["metadata"]["name"].rpartition("-")[2] for document in documents} == files.keys()
    for document in documents:
        assert document["metadata"]["labels"]["role"] == "alerts"
        expected = files[document["metadata"]["name"].rpartition("-")[2]]
        for group in expected["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    rule["annotations"]["runbook_url"] = base + rule["annotations"]["runbook_url"]
        assert document["spec"] == expected


def test_the_dashboards_are_those_of_the_files_and_found_by_grafanas_sidecar() -> None:
    maps = _dashboards(_rendered(dashboards={"enabled": True, "annotations": {"grafana_folder": "Sentiment"}}))
    shipped = {name: text for document in maps for name, text in document["data"].items()}
    assert {name: json.loads(text) for name, text in shipped.items()} == {
        path.name: json.loads(path.read_text()) for path in (CHART / "dashboards").glob("*.json")
    }
    for document in maps:
        assert document["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert document["metadata"]["annotations"] == {"grafana_folder": "Sentiment"}
        assert len(document["data"]) == 1
