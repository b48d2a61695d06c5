"""``python -m deploy.chart.values_table``: write the table of the chart's values into ``charts/README.md``.

The description of a value is its ``description`` in ``values.schema.json``; its default is that of ``values.yaml``.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from deploy.chart.tools import CHART, ROOT

README: Final = ROOT / "charts" / "README.md"
_BEGIN: Final = "<!-- values: written by `python -m deploy.chart.values_table` -->\n"
_END: Final = "<!-- values: end -->\n"


class Value(NamedTuple):
    """A value of the chart: its path with dots, its default and its description."""

    path: str
    default: Any
    description: str


def values(folder: Path = CHART) -> Iterator[Value]:
    """Yield the chart's values in the order of the schema; objects that many values share are one value each.

    Raises:
        KeyError: a value has no description.
    """
    schema = json.loads((folder / "values.schema.json").read_text("utf-8"))
    yield from _values("", schema, yaml.safe_load((folder / "values.yaml").read_text("utf-8")), schema)


def _values(path: str, node: dict[str, Any], default: Any, schema: dict[str, Any]) -> Iterator[Value]:
    shared = "$ref" in node
    node = _resolved(node, schema)
    inside: dict[str, dict[str, Any]] = node.get("properties", {})
    if not inside or (shared and not any("$ref" in inner or "properties" in inner for inner in inside.values())):
        yield Value(path, default, node["description"])
        return
    for name, inner in inside.items():
        below = f"{path}.{name}" if path else name
        yield from _values(below, inner, (default or {}).get(name), schema)


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: dict[str, Any] = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return target | {key: value for key, value in node.items() if key != "$ref"}


def _shown(default: Any) -> str:
    if default is None or default == "":
        return ""
    if isinstance(default, dict | list):
        return f"`{yaml.safe_dump(default, default_flow_style=True, sort_keys=False, width=1_000).strip()}`"
    return f"`{json.dumps(default)}`"


def table() -> str:
    """Return the table in Markdown."""
    lines = ["| value | default | |", "|---|---|---|"]
    for path, default, description in values():
        lines.append(f"| `{path}` | {_shown(default)} | {description} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    """Return the text of the README with the table between its two comments.

    Raises:
        ValueError: a comment is missing.
    """
    begin, end = text.index(_BEGIN) + len(_BEGIN), text.index(_END)
    return f"{text[:begin]}\n{table()}\n{text[end:]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{README.relative_to(ROOT)}: {sum(1 for _ in values())} values\n")
