"""Random weights of any size, for tests of engines."""

import numpy as np

from worker.engines.weights import Float, Head, Layer, Linear, Norm, Shape, Table, Weights


def random_weights(shape: Shape, seed: int = 0, *, head: Head = Head.RELU, padding: int = -1) -> Weights:
    """Make weights whose answers vary with every token."""
    rng = np.random.default_rng(seed)

    def floats(*size: int) -> Float:
        return rng.normal(0, 0.2, size).astype(np.float32)

    def linear(inputs: int, outputs: int) -> Linear:
        return Linear.quantise(floats(outputs, inputs), floats(outputs))

    def norm(width: int) -> Norm:
        return Norm(1 + floats(width), floats(width))

    width, hidden = shape.width, shape.hidden
    layers = tuple(
        Layer(
            linear(width, 3 * width),
            linear(width, width),
            norm(width),
            linear(width, hidden),
            linear(hidden, width),
            norm(width),
        )
        for _ in range(shape.layers)
    )
    return Weights(
        shape,
        1e-12,
        Table.quantise(floats(shape.vocabulary, shape.table_width)),
        Table.quantise(floats(shape.positions, shape.table_width)),
        norm(shape.table_width),
        layers,
        linear(width, width),
        Norm(floats(shape.labels, width), floats(shape.labels)),
        head,
        padding,
        linear(shape.embedding, width) if shape.embedding else None,
    )
