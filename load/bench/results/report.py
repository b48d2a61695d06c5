"""Writing rows as Markdown, JSON and a picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from load.bench.row import Figure, Outcome

_DIGITS: Final = 3


@dataclass(frozen=True)
class _Curve:
    """A diagram with lines over the first value of each row."""

    what: str
    unit: str
    lines: Mapping[str, str]
    """Label of each line → name of its value in a row."""
    rows: Sequence[Mapping[str, Any]]


def write_results(stem: Path, head: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> None:
    """Write the files ``stem.json``, ``.md`` and ``.png``.

    Args:
        stem: path without a suffix.
        head: description of the machine and the settings.
        outcomes: outcome of each row, by its name.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    rows = {name: asdict(outcome) for name, outcome in outcomes.items()}
    stem.with_suffix(".json").write_text(json.dumps({**head, "rows": rows}, indent=1) + "\n")
    stem.with_suffix(".md").write_text(table(outcomes))
    _draw(stem.with_suffix(".png"), outcomes)


def table(outcomes: Mapping[str, Outcome]) -> str:
    """Return the rows in Markdown."""
    lines = ["| | what | value | target | |", "|---|---|---:|---|---|"]
    for name, outcome in outcomes.items():
        lines.append(f"| **{name}** | **{outcome.title}** | | | |")
        lines += [f"| | {f.name} | {number(f.value)} {f.unit} | {f.target} | {verdict(f)} |" for f in outcome.figures]
        served = [f"served by {', '.join(outcome.engines)}"] if outcome.engines else []
        gaps = [f"**not measured:** {gap}" for gap in outcome.gaps]
        lines += [f"| | {note} | | | |" for note in (*gaps, *outcome.notes, *served)]
    return "\n".join(lines) + "\n"


def verdict(figure: Figure) -> str:
    """Return whether a target is met, as text; empty without a target."""
    return {None: "", True: "met", False: "**not met**"}[figure.met]


def number(value: float) -> str:
    """Return a number as text with three significant digits; large numbers in full."""
    return f"{value:,.0f}" if abs(value) >= 10**_DIGITS else f"{value:.{_DIGITS}g}"


def _draw(file: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Draw the margin of each target, and the curves of cost if they were measured."""
    curves = _curves(outcomes["g"].data) if "g" in outcomes else []
    picture = Picture(figsize=(13, 8) if curves else (8, 8), layout="constrained")
    grid = picture.add_gridspec(max(1, len(curves)), 2 if curves else 1)
    _draw_targets(picture.add_subplot(grid[:, 0]), outcomes)
    for place, curve in enumerate(curves):
        _draw_curve(picture.add_subplot(grid[place, 1]), curve)
    picture.savefig(file, dpi=110)


def _curves(data: Mapping[str, Any]) -> list[_Curve]:
    """Return the curves of cost that were measured."""
    keys = [{"keys": row["keys"], "rate": row["figures"]["requests_per_second"]} for row in data.get("keys", [])]
    curves = [
        _Curve("tokens", "ms", {"miss": "ms", "bare engine": "engine_ms"}, data.get("lengths", [])),
        _Curve("texts in a batch", "ms", {"all missing": "ms"}, data.get("batches", [])),
        _Curve("cached keys", "requests/s", {"lookups in Redis": "rate"}, keys),
    ]
    return [curve for curve in curves if curve.rows]


def margin(figure: Figure) -> float:
    """Return the factor by which a target is met: 1 means exactly met, less means not met."""
    sign, _, text = figure.target.partition(" ")
    target = float(text)
    if sign == "≥":
        return figure.value / target
    return target / figure.value if figure.value > 0 else float("inf")


def _draw_targets(axes: Axes, outcomes: Mapping[str, Outcome]) -> None:
    aimed = [(name, figure) for name, outcome in outcomes.items() for figure in outcome.figures if figure.target]
    labels = [f"({name}) {figure.name} {figure.target} {figure.unit}" for name, figure in aimed]
    margins = [min(margin(figure), 10.0) for _, figure in aimed]
    if not aimed:
        axes.remove()
        return
    axes.barh(labels, margins, color=["tab:green" if figure.met else "tab:red" for _, figure in aimed])
    axes.axvline(1, color="black")
    axes.set(xscale="log", xlabel="factor by which the target is met (at most 10 is shown)")
    axes.tick_params(axis="y", labelsize=7)
    axes.invert_yaxis()


def _draw_curve(axes: Axes, curve: _Curve) -> None:
    for label, key in curve.lines.items():
        first = next(iter(curve.rows[0]))
        axes.plot([row[first] for row in curve.rows], [row[key] for row in curve.rows], "o-", label=label)
    axes.set(xscale="log", yscale="log", xlabel=curve.what, ylabel=curve.unit)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize="small")
