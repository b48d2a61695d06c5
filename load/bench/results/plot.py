"""Pictures of results."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

mpl.use("Agg")
_CLASSES: Final = ("hits", "misses", "mixed")
_LINES: Final = {"p50": "-", "p95": "--", "p99": ":"}
_COLOURS: Final = {"hits": "tab:green", "misses": "tab:red", "mixed": "tab:blue"}


def draw_series(series: Sequence[Mapping[str, Any]], title: str, file: Path) -> None:
    """Draw the latency percentiles and the requests of each second of a run, separately for hits and misses."""
    figure = Figure(figsize=(9, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    for name in _CLASSES:
        rows = [row for row in series if name in row]
        for key, style in _LINES.items() if rows else ():
            values = [row[name][key] for row in rows]
            above.plot([row["second"] for row in rows], values, style, color=_COLOURS[name], label=f"{name}, {key}")
    above.set(yscale="log", ylabel="latency, ms", title=title)
    above.grid(visible=True, which="both", alpha=0.3)
    if above.get_legend_handles_labels()[0]:
        above.legend(fontsize="small", ncols=2)
    requests = [row["all"]["requests"] if "all" in row else 0 for row in series]
    below.plot([row["second"] for row in series], requests, color="black")
    below.set(xlabel="s", ylabel="requests/s", ylim=(0, None))
    below.grid(visible=True, alpha=0.3)
    figure.savefig(file, dpi=110)
