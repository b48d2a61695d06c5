"""Parsing of PromQL expressions."""

from collections.abc import Iterator
from typing import Final

import promql_parser as promql

VARIABLES: Final = {
    "$__rate_interval": "1m",
    "$datasource": "prometheus",
    "$namespace": "test",
    "$service": "project",
}
"""Values of the variables of a dashboard."""

_COMPARISONS: Final = {"==", "!=", ">", "<", ">=", "<="}
_SETS: Final = {"and", "or", "unless"}


def fill(query: str) -> str:
    """Return a query with a dashboard's variables replaced."""
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


def operands(expr: str) -> list[str]:
    """Return the vectors of an alert that its set operators join, each without its comparison.

    Args:
        expr: expression of the alert.
    """
    without = promql.transform(promql.parse(expr), post_visit=_uncompared)
    return [operand.prettify() for operand in _split(without)]


def selectors(expr: str) -> list[tuple[str, frozenset[str]]]:
    """Return the name of each series that a query selects, with the labels that the query needs.

    These are the labels of its selector, and those by which the aggregations around it group.
    """
    found: list[tuple[str, frozenset[str]]] = []
    around: list[list[str]] = []

    def enter(node: promql.Expr) -> None:
        if isinstance(node, promql.AggregateExpr):
            around.append(node.modifier.labels if node.modifier else [])
        elif isinstance(node, promql.VectorSelector):
            labels = {matcher.name for matcher in node.matchers.matchers}
            found.append((str(node.name), frozenset(labels.union(*around)) - {"__name__"}))

    def leave(node: promql.Expr) -> None:
        if isinstance(node, promql.AggregateExpr):
            around.pop()

    promql.walk(promql.parse(expr), pre_visit=enter, post_visit=leave)
    return found


def _uncompared(node: promql.Expr) -> promql.Expr | None:
    """Return the vector of a comparison with a number; comparisons of two vectors do not occur here."""
    if not isinstance(node, promql.BinaryExpr) or str(node.op) not in _COMPARISONS:
        return None
    assert isinstance(node.rhs, promql.NumberLiteral), f"not compared with a number: {node.prettify()}"
    return node.lhs


def _split(node: promql.Expr) -> Iterator[promql.Expr]:
    if isinstance(node, promql.ParenExpr):
        yield from _split(node.expr)
    elif isinstance(node, promql.BinaryExpr) and str(node.op) in _SETS:
        yield from _split(node.lhs)
        yield from _split(node.rhs)
    else:
        yield node
