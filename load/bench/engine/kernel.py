"""The native engine's integer kernel by itself: the sums of one product, and the fastest that this core computes."""

import ctypes
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from load.bench.engine.alternate import Clock, alternate
from load.bench.models.shapes import random_weights
from worker.engines.native.library import REFERENCE_VARIANT, Model, load, variants
from worker.engines.weights import Shape, write_weights

_SPARE_ROWS: Final = 32
"""Matrix units read whole tiles, so there must be rows behind the last."""
_WIDTHS: Final = (256, 512, 768)
"""Inputs of a product whose panel of 32 columns stays in the first-level cache."""
_ROWS: Final = 16 * 13
"""Whole tiles of 13 and of 16 rows."""
_REPEATS: Final = 20
_ROUNDS: Final = 5
_HEAD: Final = 64


class Product:
    """A layer's first product on buffers of its own.

    Args:
        model: with the variant that computes.
        layer: number of the layer.
        activations: bytes [rows, width].
    """

    def __init__(self, model: Model, layer: int, activations: NDArray[np.uint8]) -> None:
        rows, width = activations.shape
        self.sums = np.empty((rows, 3 * width), np.int32)
        self._bytes = np.concatenate([activations, np.zeros((_SPARE_ROWS, width), np.uint8)])
        self._model = model
        self._call = load().sentiment_integers
        self._arguments = (model.handle, layer, at(self._bytes), rows, at(self.sums))

    def run(self) -> None:
        """Compute the bare sums."""
        self._call(*self._arguments)


def at(array: NDArray[Any]) -> ctypes.c_void_p:
    """Return the address of an array without gaps."""
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def serving_variants() -> list[str]:
    """Return the variants that this processor runs and that may serve; none without the library."""
    return [name for name in variants() if name != REFERENCE_VARIANT]


def peak(clock: Clock) -> float:
    """Measure the multiplications and additions a second of the fastest variant, on matrices of a few sizes."""
    return max((_rate(variant, width, clock) for variant in serving_variants() for width in _WIDTHS), default=0.0)


def _rate(variant: str, width: int, clock: Clock) -> float:
    shape = Shape(layers=1, width=width, hidden=width, heads=width // _HEAD, vocabulary=1, positions=1, labels=1)
    with tempfile.TemporaryDirectory(prefix="sentiment-peak-") as folder:
        write_weights(Path(folder, "weights.bin"), random_weights(shape))
        model = Model(Path(folder, "weights.bin"), variant)
        activations = np.random.default_rng(0).integers(0, 256, (_ROWS, width), np.uint8)
        product = Product(model, 0, activations)

        def run() -> None:
            for _ in range(_REPEATS):
                product.run()

        (blocks,) = alternate({variant: run}, _ROUNDS, clock).values()
    return _REPEATS * product.sums.size * width / min(blocks)
