"""The chart, rendered."""

from collections.abc import Iterator
from typing import Any

import yaml

from deploy.chart.tools import CHART, ROOT, helm, tool

__all__ = ["CHART", "ROOT", "helm", "named", "of_kind", "pods", "render", "tool"]

WORKLOADS = ("Deployment", "StatefulSet")
Documents = list[dict[str, Any]]


def render(*arguments: str) -> Documents:
    """Return the documents that the chart makes of some values.

    Raises:
        AssertionError: it refuses them.
    """
    done = helm("template", "release", str(CHART), *arguments)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.load_all(done.stdout, yaml.CSafeLoader) if document]


def of_kind(documents: Documents, *kinds: str) -> Iterator[dict[str, Any]]:
    """Return the documents of some kinds."""
    return (document for document in documents if document["kind"] in kinds)


def named(documents: Documents, kind: str) -> dict[str, dict[str, Any]]:
    """Return the documents of a kind by their names."""
    return {document["metadata"]["name"]: document for document in of_kind(documents, kind)}


def pods(documents: Documents) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Return metadata and spec of each pod."""
    for document in documents:
        if document["kind"] in WORKLOADS:
            template = document["spec"]["template"]
            yield template["metadata"], template["spec"]
        elif document["kind"] == "Pod":
            yield document["metadata"], document["spec"]
