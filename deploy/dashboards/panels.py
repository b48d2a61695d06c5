"""Makers of panels with a title, a description, a unit, a legend, and the dashboard's data source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import common, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

DATASOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")

GREEN: Final = "green"
YELLOW: Final = "yellow"
RED: Final = "red"

PER_SECOND: Final = "reqps"
RATE: Final = "ops"
SECONDS: Final = "s"
SHARE: Final = "percentunit"
BYTES: Final = "bytes"
COUNT: Final = "short"

_HEIGHT: Final = 8
_LOW: Final = 4


@dataclass(frozen=True)
class Query:
    """A query to Prometheus with the legend of its series, in which ``{{label}}`` is the value of a label."""

    expr: str
    legend: str = ""


Steps = Sequence[tuple[float, str]]
"""Thresholds: values, each with the colour from this value on; below the first, the colour is green or given."""


def lines(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    width: int = 8,
    steps: Steps = (),
    stacked: bool = False,
) -> timeseries.Panel:
    """Return a panel of values over time, with thresholds as horizontal lines.

    Args:
        title: a few words.
        description: meaning of the values.
        unit: one of the constants above.
        queries: one or more queries.
        width: width in columns, of 24.
        steps: thresholds.
        stacked: whether the series are stacked, because their sum has a meaning.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .span(width)
        .height(_HEIGHT)
        .line_width(1)
        .fill_opacity(25 if stacked else 5)
        .show_points(VisibilityMode.NEVER)
        .stacking(common.StackingConfig().mode(StackingMode.NORMAL if stacked else StackingMode.NONE))
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .thresholds(_thresholds(steps, GREEN))
    )
    if steps:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    for name, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(_target(name, query))
    return panel


def number(
    title: str,
    description: str,
    unit: str,
    query: Query,
    *,
    steps: Steps = (),
    below: str = GREEN,
    width: int = 4,
) -> stat.Panel:
    """Return a panel with the latest value as a large number, coloured by thresholds.

    Args:
        title: a few words.
        description: meaning of the value.
        unit: one of the constants above.
        query: one query; several series are shown side by side.
        steps: thresholds.
        below: colour below the first threshold.
        width: width in columns, of 24.
    """
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .span(width)
        .height(_LOW)
        .graph_mode(BigValueGraphMode.AREA)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value("-")
        .thresholds(_thresholds(steps, below))
        .with_target(_target("A", query))
    )


def _target(name: str, query: Query) -> Dataquery:
    return Dataquery().ref_id(name).datasource(DATASOURCE).expr(query.expr).legend_format(query.legend).range()


def _thresholds(steps: Steps, below: str) -> build.ThresholdsConfig:
    all_steps = [Threshold(value=None, color=below), *(Threshold(value=value, color=color) for value, color in steps)]
    return build.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(all_steps)
