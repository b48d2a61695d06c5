"""The committed dashboards: what the generator makes, complete, and about series that exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.dashboards.__main__ import DASHBOARDS as GENERATED
from deploy.dashboards.__main__ import render
from shared.process import metrics
from shared.process.metrics import Kind
from tests.charts.tools import CHART, ROOT
from tests.monitoring.queries import CLUSTER, DASHBOARDS, Query, panels, rules, service_queries
from tests.support.promql import selectors

PANELS = {f"{path.stem}, {panel['title']}": panel for path in DASHBOARDS for panel in panels(path)}
RECORDED = {rule["record"] for rule in rules() if "record" in rule}
FOREIGN = {"up", "process_cpu_seconds_total"}


def _exposed() -> set[str]:
    names = {metric.name for metric in (*metrics.API, *metrics.WORKER) if metric.kind is not Kind.HISTOGRAM}
    for metric in (*metrics.API, *metrics.WORKER):
        if metric.kind is Kind.HISTOGRAM:
            names |= {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}
    return names


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_committed_is_what_the_generator_makes(name: str) -> None:
    assert (CHART / "dashboards" / name).read_text() == render(name), "run `make dashboards`"


def test_nothing_else_is_committed() -> None:
    assert {path.name for path in (CHART / "dashboards").iterdir()} == set(GENERATED)


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_a_panel_has_all_that_a_reader_needs(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert all("{{" in target["legendFormat"] for target in panel["targets"])


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_fills_its_grid_and_asks_where_to_look(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    assert dashboard["uid"] == f"sentiment-{path.stem}"
    assert [variable["name"] for variable in dashboard["templating"]["list"]] == ["datasource", "namespace", "service"]
    cells = [
        (x, y)
        for panel in dashboard["panels"]
        for place in [panel["gridPos"]]
        for x in range(place.get("x", 0), place.get("x", 0) + place["w"])
        for y in range(place.get("y", 0), place.get("y", 0) + place["h"])
    ]
    assert len(cells) == len(set(cells)), "panels overlap"
    assert all(x < 24 for x, _ in cells)


@pytest.mark.parametrize("query", service_queries(), ids=lambda query: query.where)
def test_a_query_about_the_service_names_series_that_exist(query: Query) -> None:
    assert {name for name, _ in selectors(query.expr)} <= _exposed() | RECORDED | FOREIGN


def test_variables_of_the_chart_and_of_compose_agree() -> None:
    """The labels that queries use, beside those of our own metrics, are those that both scrapes give."""
    own = {label for metric in (*metrics.API, *metrics.WORKER) for label in metric.labels}
    used = {label for query in service_queries() for _, labels in selectors(query.expr) for label in labels}
    given = {"namespace", "service", "job"}
    assert used - own - {"le", "slo", "instance"} <= given
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text())
    for scrape in compose["scrape_configs"]:
        assert {rule["target_label"] for rule in scrape["relabel_configs"]} | {"job"} >= given
    assert [scrape["job_name"] for scrape in compose["scrape_configs"]] == ["sentiment-api", "sentiment-worker"]


def test_series_of_the_cluster_are_told_by_their_names() -> None:
    assert not any(re.match("|".join(CLUSTER), name) for name in _exposed() | RECORDED | FOREIGN)
