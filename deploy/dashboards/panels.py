"""Panels as all of ours are: a title, a sentence of what they show, a unit, a legend, and one data source to choose."""

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
    """A question to Prometheus and how its answers are called; ``{{label}}`` in the legend is a label's value."""

    expr: str
    legend: str = ""


Steps = Sequence[tuple[float, str]]
"""From which value on which colour; what is below the first is green, or what the caller says."""


def lines(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    width: int = 8,
    steps: Steps = (),
    stacked: bool = False,
) -> timeseries.Panel:
    """Return values over time, with the steps as lines across.

    Args:
        title: a few words.
        description: what it shows, and what to think of it.
        unit: one of the constants above.
        queries: one or more.
        width: of 24.
        steps: values worth a line.
        stacked: on each other, where the sum means something.
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
    """Return the latest value, large, coloured by the steps.

    Args:
        title: a few words.
        description: what it shows, and what to think of it.
        unit: one of the constants above.
        query: one; several answers stand side by side.
        steps: from which value on which colour.
        below: colour below the first step.
        width: of 24.
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
