"""The page of metrics, whose tables are generated from `shared.process.metrics`; its other text is kept."""

from collections.abc import Sequence
from typing import Final

from deploy.site.layout import DOCS
from shared.process.metrics import API, WORKER, Metric

PAGE: Final = "metrics.md"
_TABLES: Final[dict[str, Sequence[Metric]]] = {"API": API, "WORKER": WORKER}
"""The metrics of each table, by its name."""


def page() -> str:
    """Return the page in Markdown, with new tables between their comments.

    Raises:
        ValueError: a comment is missing.
    """
    text = (DOCS / PAGE).read_text("utf-8")
    for name, metrics in _TABLES.items():
        begin = f"<!-- {name} of shared/process/metrics.py: written by `make docs` -->\n"
        start, end = text.index(begin) + len(begin), text.index(f"<!-- {name}: end -->\n")
        text = f"{text[:start]}\n{_table(metrics)}\n{text[end:]}"
    return text


def _table(metrics: Sequence[Metric]) -> str:
    return "| name | kind | labels | meaning |\n|---|---|---|---|\n" + "".join(map(_row, metrics))


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.text} |\n"
