"""How queries are taken apart, on small ones, and which are about the cluster."""

import re

import pytest

from tests.k8s.series import wanted
from tests.monitoring.queries import cluster_queries, service_queries
from tests.support.promql import fill, operands, selectors


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("up == 0", ["up"]),
        ("rate(a[5m]) / rate(b[5m]) > 0.05", ["rate(a[5m]) / rate(b[5m])"]),
        ("a > 1 and (b > 2 or c == 0)", ["a", "b", "c"]),
        ("count by (x) (a) unless count by (x) (a == 1)", ["count by (x) (a)", "count by (x) (a)"]),
        ("a / (b > 0) >= 1", ["a / (b)"]),
    ],
)
def test_an_alert_is_what_it_compares(expr: str, expected: list[str]) -> None:
    assert operands(expr) == expected


def test_a_selector_needs_the_labels_of_what_adds_it_up() -> None:
    found = selectors('sum by (pod) (rate(a{namespace="x"}[5m])) / on (pod) max by (pod, node) (b) + c')
    assert found == [("a", {"namespace", "pod"}), ("b", {"pod", "node"}), ("c", frozenset())]


def test_variables_are_filled() -> None:
    assert fill('rate(a{service=~"$service"}[$__rate_interval])') == 'rate(a{service=~"project"}[1m])'


def test_every_query_is_filled_and_on_one_of_both_lists() -> None:
    queries = [*service_queries(), *cluster_queries()]
    assert len({query.where for query in queries}) == len(queries)
    assert not any(re.search(r"\$[a-z_]", query.expr) for query in queries)


def test_the_workload_is_the_clusters_alone_and_the_rest_the_services() -> None:
    panels = {query.where.partition(",")[0] for query in cluster_queries()}
    alerts = {"SentimentScalerErrors", "SentimentScaledObjectErrors", "SentimentAtMaximum"}
    assert panels == {"workload", *alerts}
    assert not any(query.where.startswith("workload") for query in service_queries())


def test_what_a_cluster_must_tell_is_known_with_its_labels() -> None:
    assert wanted()["keda_scaler_detail_errors_total"] == {"namespace", "scaledObject", "scaler"}
    assert wanted()["container_cpu_usage_seconds_total"] == {"namespace", "pod"}
