"""Taking PromQL apart, by its grammar."""

from collections.abc import Iterator
from typing import Final

import promql_parser as promql

VARIABLES: Final = {
    "$__rate_interval": "1m",
    "$datasource": "prometheus",
    "$namespace": "test",
    "$service": "project",
}
"""The variables that a viewer of a dashboard may have chosen."""

_COMPARISONS: Final = {"==", "!=", ">", "<", ">=", "<="}
_SETS: Final = {"and", "or", "unless"}


def fill(query: str) -> str:
    """Return a query with a dashboard's variables replaced."""
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


def operands(expr: str) -> list[str]:
    """Return the vectors of an alert: those that its set operators join, each without any comparison.

    Args:
        expr: of the alert.
    """
    without = promql.transform(promql.parse(expr), post_visit=_uncompared)
    return [operand.prettify() for operand in _split(without)]


def selectors(expr: str) -> list[tuple[str, frozenset[str]]]:
    """Return the name of each series that a query selects, with the labels that it must have for it.

    Those are the labels that it is selected by, and those by which what surrounds it adds up.
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
    """Leave a comparison's vector; a comparison of two vectors does not occur here."""
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
