"""Every query that the chart ships, as Prometheus is asked it: of dashboards, of recording rules and of alerts."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

import yaml

from tests.charts.tools import CHART
from tests.support.promql import fill, operands, selectors

RULES: Final = tuple(sorted((CHART / "rules").glob("*.yaml")))
DASHBOARDS: Final = tuple(sorted((CHART / "dashboards").glob("*.json")))
CLUSTER: Final = ("container_", "keda_", "kube_", "kubelet_")
"""How the names of series begin that are not the service's own."""


class Query(NamedTuple):
    """A query and where it stands."""

    where: str
    expr: str

    @property
    def of_the_cluster(self) -> bool:
        """Whether it needs series that the service does not tell itself."""
        return any(name.startswith(CLUSTER) for name, _ in selectors(self.expr))


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """Return every rule of every file, as it is written there."""
    files = (yaml.safe_load(path.read_text()) for path in RULES)
    return tuple(rule for file in files for group in file["groups"] for rule in group["rules"])


def alerts() -> list[dict[str, Any]]:
    """Return the rules that are alerts."""
    return [rule for rule in rules() if "alert" in rule]


def panels(path: Any) -> list[dict[str, Any]]:
    """Return a dashboard's panels, rows left out."""
    return [panel for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row"]


def service_queries() -> list[Query]:
    """Return the queries that must have an answer while the service is scraped and used."""
    return [query for query in _every() if not query.of_the_cluster]


def cluster_queries() -> list[Query]:
    """Return the queries for series of kube-state-metrics, the kubelet or KEDA."""
    return [query for query in _every() if query.of_the_cluster]


def _every() -> Iterator[Query]:
    for path in DASHBOARDS:
        for panel in panels(path):
            for target in panel["targets"]:
                yield Query(f"{path.stem}, {panel['title']}, {target['refId']}", fill(target["expr"]))
    for rule in rules():
        if "record" in rule:
            yield Query(" ".join([rule["record"], *rule.get("labels", {}).values()]), rule["expr"])
        else:
            for number, operand in enumerate(operands(rule["expr"]), 1):
                yield Query(f"{rule['alert']}, {number}", operand)
