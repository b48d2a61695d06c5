"""Values, schema and the table in the README say the same."""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from deploy.chart.values_table import README, with_table
from tests.charts.tools import CHART

SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
# A chart above hands these down.
FROM_PARENTS = {"global", "enabled"}


def _nodes(path: str, node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in node:
        return
    yield path, node
    for name, inner in node.get("properties", {}).items():
        yield from _nodes(f"{path}.{name}", inner)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    name = node.get("$ref", "").rpartition("/")[2]
    return SCHEMA["$defs"][name] if name else node


def test_every_value_is_described() -> None:
    for name, definition in SCHEMA["$defs"].items():
        # A definition of peers says who they are where it is used.
        nodes = [(path, node) for path, node in _nodes(name, definition) if path != "peers"]
        assert [path for path, node in nodes if not node.get("description")] == []
    for path, node in _nodes("values", SCHEMA):
        assert node.get("description"), path


def test_every_object_of_fixed_keys_refuses_others() -> None:
    roots = [("values", SCHEMA), *SCHEMA["$defs"].items()]
    for path, node in (found for root in roots for found in _nodes(*root)):
        if "properties" in node:
            assert node["additionalProperties"] is False, path


def _compare(path: str, node: dict[str, Any], defaults: dict[str, Any]) -> None:
    inside = _resolved(node).get("properties")
    if inside is None:
        return
    assert set(defaults) == set(inside) - (FROM_PARENTS if not path else set()), path
    for name, inner in inside.items():
        if isinstance(defaults.get(name), dict):
            _compare(f"{path}.{name}", inner, defaults[name])


def test_every_value_has_a_default() -> None:
    _compare("", SCHEMA, DEFAULTS)


def test_the_table_in_the_readme_is_current() -> None:
    text = README.read_text("utf-8")
    assert with_table(text) == text, "run python -m deploy.chart.values_table"
