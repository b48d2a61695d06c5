"""Quantised weights under the names that the ONNX graph gives its initialisers."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from worker.engines.weights import Layer, Linear, Norm, Table, Weights

Tensors = dict[str, NDArray[Any]]

PARTS: Final = ("query", "key", "value")
"""The products of which `Layer.attention` is made; the last layer computes the query of [CLS] alone."""


def tensors(weights: Weights) -> Tensors:
    """Return every array that the graph reads; tables and vectors are views, not copies."""
    found = _table("words", weights.words) | _table("positions", weights.positions) | _norm("norm", weights.norm)
    for index, layer in enumerate(weights.layers):
        found |= _layer(f"layers.{index}", layer, weights.shape.width)
    if weights.projection:
        found |= _linear("projection", weights.projection)
    return found | _linear("pooler", weights.pooler) | _norm("classifier", weights.classifier)


def _layer(name: str, layer: Layer, width: int) -> Tensors:
    found: Tensors = {f"{name}.attention.bias": layer.attention.bias}
    for place, part in enumerate(PARTS):
        columns = slice(place * width, (place + 1) * width)
        found[f"{name}.{part}.weight"] = np.ascontiguousarray(layer.attention.weights[:, columns])
        found[f"{name}.{part}.scales"] = layer.attention.scales[columns]
    return (
        found
        | _linear(f"{name}.output", layer.output)
        | _norm(f"{name}.attention_norm", layer.attention_norm)
        | _linear(f"{name}.expand", layer.expand)
        | _linear(f"{name}.contract", layer.contract)
        | _norm(f"{name}.output_norm", layer.output_norm)
    )


def _table(name: str, table: Table) -> Tensors:
    return {f"{name}.weight": table.rows, f"{name}.scales": table.scales[:, None]}


def _linear(name: str, linear: Linear) -> Tensors:
    return {f"{name}.weight": linear.weights, f"{name}.scales": linear.scales, f"{name}.bias": linear.bias}


def _norm(name: str, norm: Norm) -> Tensors:
    return {f"{name}.weight": norm.weight, f"{name}.bias": norm.bias}
