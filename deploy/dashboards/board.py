"""The parts that all dashboards share, and the labels by which queries select the product's series."""

from collections.abc import Iterable
from typing import Final

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.dashboards.panels import DATASOURCE

_ALL: Final = VariableOption(selected=True, text=["All"], value=["$__all"])
SERVICE: Final = "namespace, service"
"""Labels that identify a service; every query keeps them."""
_OURS: Final = 'namespace=~"$namespace", service=~"$service"'


def board(name: str, title: str, description: str) -> Dashboard:
    """Return an empty dashboard with variables for data source, namespace and service.

    Args:
        name: last part of its address.
        title: its title in Grafana.
        description: its description in Grafana.
    """
    return (
        Dashboard(title)
        .uid(f"sentiment-{name}")
        .description(description)
        .tags(["sentiment"])
        .time("now-3h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .link(
            DashboardLink("Sentiment")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["sentiment"])
            .as_dropdown(as_dropdown=True)
            .include_vars(include_vars=True)
            .keep_time(keep_time=True)
        )
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_choice("namespace", "Namespace", "label_values(sentiment_up, namespace)"))
        .with_variable(_choice("service", "Service", 'label_values(sentiment_up{namespace=~"$namespace"}, service)'))
    )


def add(dashboard: Dashboard, title: str, panels: Iterable[stat.Panel | timeseries.Panel]) -> None:
    """Add a row of panels under a title."""
    dashboard.with_row(Row(title))
    for panel in panels:
        dashboard.with_panel(panel)


def ours(metric: str, *matchers: str) -> str:
    """Return a selector of a metric's series for the chosen services."""
    return f"{metric}{{{', '.join([_OURS, *matchers])}}}"


def rate(metric: str, *matchers: str) -> str:
    """Return a query for the increase per second of a counter of the chosen services."""
    return f"rate({ours(metric, *matchers)}[$__rate_interval])"


def total(metric: str, *matchers: str, by: str = SERVICE) -> str:
    """Return a query for the sum of a counter's increases per second."""
    return f"sum by ({by}) ({rate(metric, *matchers)})"


def share(part: str, whole: str) -> str:
    """Return a query for a share from 0 to 1; it is 0 if the numerator has no series."""
    return f"({part} or 0 * {whole}) / {whole}"


def told(metric: str, *matchers: str, by: str = SERVICE) -> str:
    """Return a query for a gauge that all API processes report with the same value; it takes the maximum."""
    return f"max by ({by}) ({ours(metric, *matchers)})"


def told_rate(metric: str, *matchers: str, by: str = SERVICE) -> str:
    """Return the increase a second of what each API process tells the same of."""
    return f"max by ({by}) ({rate(metric, *matchers)})"


def quantile(share: float, histogram: str, *matchers: str, by: str = SERVICE) -> str:
    """Return a query for a quantile of a histogram's recent values."""
    return f"histogram_quantile({share}, {total(f'{histogram}_bucket', *matchers, by=f'{by}, le')})"


def _choice(name: str, label: str, query: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(_ALL)
    )
