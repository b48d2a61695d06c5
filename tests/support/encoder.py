"""The numeric scheme in plain NumPy, which engines are compared with: integer products exact, all else in fp64."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from worker.engines.weights import Head, Layer, Linear, Norm, Table, Weights

Double = NDArray[np.float64]
LEVELS: Final = 127
ZERO: Final = 128
"""The byte that stands for an activation of 0."""

_erf = np.vectorize(math.erf, otypes=[np.float64])


def logits(weights: Weights, ids: Sequence[int]) -> Double:
    """Return the outputs of one text, fp64 [labels]."""
    tokens = np.asarray(ids)
    hidden = _embed(weights.words, tokens) + _embed(weights.positions, _places(tokens, weights.padding))
    hidden = normalise(hidden, weights.norm, weights.epsilon)
    if weights.projection:
        hidden = multiply(weights.projection, hidden)
    *lower, last = weights.layers
    for layer in lower:
        hidden = _finish(layer, attend(layer, hidden, weights.shape.heads), hidden, weights.epsilon)
    # Only [CLS], the first token, is read after the last attention.
    hidden = _finish(last, attend(last, hidden, weights.shape.heads)[:1], hidden[:1], weights.epsilon)
    pooled = _HEADS[weights.head](multiply(weights.pooler, hidden))
    weight, bias = (part.astype(np.float64) for part in weights.classifier)
    answer: Double = (pooled @ weight.T + bias)[0]
    return answer


def scores(weights: Weights, ids: Sequence[int]) -> tuple[float, ...]:
    """Return the softmax of the outputs of one text."""
    exponents = np.exp((outputs := logits(weights, ids)) - outputs.max())
    return tuple((exponents / exponents.sum()).tolist())


def quantise_activations(values: Any) -> tuple[NDArray[np.uint8], Double]:
    """Quantise [rows, inputs] with a scale a row; a row of zeros has the scale 1.

    Returns:
        The bytes [rows, inputs], each 128 more than the level, and the scales [rows, 1].
    """
    largest = np.abs(values).max(axis=-1, keepdims=True)
    scales = np.where(largest > 0, largest / LEVELS, 1.0)
    return (np.rint(values / scales) + ZERO).astype(np.uint8), scales


def integer_product(values: NDArray[np.uint8], linear: Linear) -> NDArray[np.int64]:
    """Multiply levels by weights exactly, [rows, outputs]."""
    return (values.astype(np.int64) - ZERO) @ linear.weights.astype(np.int64)


def multiply(linear: Linear, values: Double) -> Double:
    """Quantise the rows, multiply and add the bias, [rows, outputs]."""
    levels, scales = quantise_activations(values)
    product: Double = integer_product(levels, linear) * scales * linear.scales.astype(np.float64)
    return product + linear.bias


def attend(layer: Layer, hidden: Double, heads: int) -> Double:
    """Return the heads' weighted values of all tokens, [tokens, width]."""
    tokens, width = hidden.shape
    parts = multiply(layer.attention, hidden).reshape(tokens, 3, heads, width // heads)
    queries, keys, values = parts.transpose(1, 2, 0, 3)
    similarity = queries @ keys.transpose(0, 2, 1) / math.sqrt(width // heads)
    shares = np.exp(similarity - similarity.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed: Double = (shares @ values).transpose(1, 0, 2).reshape(tokens, width)
    return mixed


def gelu(values: Double) -> Double:
    """Apply the exact GELU."""
    result: Double = values * 0.5 * (1 + _erf(values / math.sqrt(2)))
    return result


def _relu(values: Double) -> Double:
    return np.maximum(values, 0)


_HEADS: Final[Mapping[Head, Callable[[Double], Double]]] = {Head.RELU: _relu, Head.TANH: np.tanh, Head.GELU: gelu}


def _places(tokens: Any, padding: int) -> Any:
    """Return the positions' rows: one after the other, where padding tokens, if there are any, share row 0."""
    if padding < 0:
        return np.arange(len(tokens))
    counted = tokens != padding
    return np.cumsum(counted) * counted


def normalise(values: Double, norm: Norm, epsilon: float) -> Double:
    """Normalise each row."""
    centred = values - values.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)
    result: Double = centred / deviation * norm.weight + norm.bias
    return result


def _finish(layer: Layer, attended: Double, residual: Double, epsilon: float) -> Double:
    """Apply the rest of a layer to the given rows of its attention."""
    hidden = normalise(multiply(layer.output, attended) + residual, layer.attention_norm, epsilon)
    expanded = gelu(multiply(layer.expand, hidden))
    return normalise(multiply(layer.contract, expanded) + hidden, layer.output_norm, epsilon)


def _embed(table: Table, rows: Any) -> Double:
    values: Double = table.rows[rows].astype(np.float64) * table.scales[rows][:, None].astype(np.float64)
    return values
