"""The sizes that are measured, and weights to fill them with."""

import math
from typing import Final

import numpy as np

from worker.engines.weights import Float, Layer, Linear, Norm, Shape, Table, Weights

LARGE: Final = Shape(layers=6, width=768, hidden=3072, heads=12, vocabulary=30_522, positions=512, labels=2)
"""DistilBERT base (Sanh et al. 2019), as its configuration on the hub says: 66 M parameters."""
COMPACT: Final = Shape(layers=6, width=384, hidden=1536, heads=12, vocabulary=30_522, positions=512, labels=2)
"""The model in the repository."""
_SPREAD: Final = 0.04
"""Standard deviation of the weights: answers vary with the text, and no exponential of attention underflows."""
_EPSILON: Final = 1e-12


def random_weights(shape: Shape, seed: int = 0) -> Weights:
    """Make weights from a seed, the same on every machine: no function is used that may round in its own way."""
    generator = np.random.default_rng(seed)

    def floats(*size: int) -> Float:
        return (generator.random(size, np.float32) - np.float32(0.5)) * np.float32(_SPREAD * math.sqrt(12))

    def linear(inputs: int, outputs: int) -> Linear:
        return Linear.quantise(floats(outputs, inputs), floats(outputs))

    def norm() -> Norm:
        return Norm(1 + floats(shape.width), floats(shape.width))

    def layer() -> Layer:
        return Layer(
            attention=linear(shape.width, 3 * shape.width),
            output=linear(shape.width, shape.width),
            attention_norm=norm(),
            expand=linear(shape.width, shape.hidden),
            contract=linear(shape.hidden, shape.width),
            output_norm=norm(),
        )

    return Weights(
        shape=shape,
        epsilon=_EPSILON,
        words=Table.quantise(floats(shape.vocabulary, shape.width)),
        positions=Table.quantise(floats(shape.positions, shape.width)),
        norm=norm(),
        layers=tuple(layer() for _ in range(shape.layers)),
        pooler=linear(shape.width, shape.width),
        classifier=Norm(floats(shape.labels, shape.width), floats(shape.labels)),
    )
