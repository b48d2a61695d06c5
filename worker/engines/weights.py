"""The file of quantised weights that every engine reads: ``weights.bin``.

Little-endian: a header of 64 bytes, then arrays in a fixed order, each beginning at a multiple of 64 bytes. Matrices
lie in panels of 32 columns, within a panel in steps of four rows, so that a vector instruction reads what it multiplies
in one piece: [columns / 32][rows / 4][32 columns][4 rows], rounded up, with zeros where the matrix has nothing.
"""

import math
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from shared.contract.errors import ModelError

_MAGIC: Final = b"SNTW"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<4s8If24x")
_ALIGNMENT: Final = 64
_PANEL_COLUMNS: Final = 32
_STEP_ROWS: Final = 4
_LEVELS: Final = 127
"""An int8 weight is -127 to 127: symmetric, so that no zero point is needed."""

Int8 = NDArray[np.int8]
Float = NDArray[np.float32]


class Shape(NamedTuple):
    """The sizes of an encoder; all arrays of the file follow from them."""

    layers: int
    width: int
    hidden: int
    """Width between the two matrices of a feed-forward block."""
    heads: int
    vocabulary: int
    positions: int
    labels: int


class Table(NamedTuple):
    """An embedding table: `rows` int8 [entries, width], `scales` one for each row."""

    rows: Int8
    scales: Float

    @classmethod
    def quantise(cls, values: Float) -> Self:
        """Quantise fp32 [entries, width] with one scale a row."""
        rows, scales = _quantise(values)
        return cls(rows, scales)


class Linear(NamedTuple):
    """A matrix product with bias: `weights` int8 [inputs, outputs], `scales` and `bias` one for each output."""

    weights: Int8
    scales: Float
    bias: Float

    @classmethod
    def quantise(cls, weights: Float, bias: Float) -> Self:
        """Quantise a matrix as torch keeps it, fp32 [outputs, inputs], with one scale an output."""
        rows, scales = _quantise(weights)
        return cls(np.ascontiguousarray(rows.T), scales, bias)


class Norm(NamedTuple):
    """The weight and bias of a layer normalisation, each fp32 [width]."""

    weight: Float
    bias: Float


class Layer(NamedTuple):
    """One layer of the encoder."""

    attention: Linear
    """Queries, keys and values in one product: 3 * width outputs."""
    output: Linear
    attention_norm: Norm
    expand: Linear
    contract: Linear
    output_norm: Norm


@dataclass(frozen=True)
class Weights:
    """All parameters of a DistilBERT sequence classifier, quantised but for norms, biases and the last product."""

    shape: Shape
    epsilon: float
    """Added to the variance in each layer normalisation."""
    words: Table
    positions: Table
    norm: Norm
    layers: tuple[Layer, ...]
    pooler: Linear
    classifier: Norm
    """The last product in fp32: `weight` [labels, width], `bias` [labels]."""


def write_weights(path: Path, weights: Weights) -> None:
    """Write the file."""
    with path.open("wb") as file:
        file.write(_HEADER.pack(_MAGIC, _VERSION, *weights.shape, weights.epsilon))
        for array in _arrays(weights):
            file.write(bytes(-file.tell() % _ALIGNMENT))
            file.write(array.tobytes())


def read_weights(path: Path) -> Weights:
    """Read the file; tables and vectors stay mapped, matrices are copied out of their panels.

    Raises:
        ModelError: it cannot be read, or is not a file of weights.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except (OSError, ValueError, struct.error) as error:
        raise ModelError(f"the weights in {path} cannot be read: {error}") from None


def _read(file: BinaryIO) -> Weights:
    magic, version, *sizes, epsilon = _HEADER.unpack(file.read(_HEADER.size))
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(f"not a file of weights of version {_VERSION}")
    shape = Shape(*sizes)
    if min(shape) < 1:
        raise ValueError(f"it has a size below 1: {shape}")
    cursor = _Cursor(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    width, hidden = shape.width, shape.hidden
    words = Table(cursor.int8(shape.vocabulary, width), cursor.floats(shape.vocabulary))
    positions = Table(cursor.int8(shape.positions, width), cursor.floats(shape.positions))
    norm = cursor.norm(width)
    layers = tuple(
        Layer(
            attention=cursor.linear(width, 3 * width),
            output=cursor.linear(width, width),
            attention_norm=cursor.norm(width),
            expand=cursor.linear(width, hidden),
            contract=cursor.linear(hidden, width),
            output_norm=cursor.norm(width),
        )
        for _ in range(shape.layers)
    )
    pooler = cursor.linear(width, width)
    classifier = Norm(cursor.floats(shape.labels, width), cursor.floats(shape.labels))
    cursor.end()
    return Weights(shape, epsilon, words, positions, norm, layers, pooler, classifier)


class _Cursor:
    """Reads one array after the other.

    Raises:
        ValueError: the file is shorter or longer than its arrays.
    """

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self._at = _HEADER.size

    def int8(self, *shape: int) -> Int8:
        """Read an array of bytes."""
        values: Int8 = self._take(np.dtype(np.int8), shape)
        return values

    def floats(self, *shape: int) -> Float:
        """Read an array of fp32."""
        values: Float = self._take(np.dtype("<f4"), shape)
        return values

    def linear(self, inputs: int, outputs: int) -> Linear:
        """Read a matrix out of its panels, and what belongs to it."""
        panels, steps = -(-outputs // _PANEL_COLUMNS), -(-inputs // _STEP_ROWS)
        stored = self.int8(panels, steps, _PANEL_COLUMNS, _STEP_ROWS).transpose(1, 3, 0, 2)
        weights = stored.reshape(steps * _STEP_ROWS, panels * _PANEL_COLUMNS)[:inputs, :outputs].copy()
        scales, bias = self.floats(outputs), self.floats(outputs)
        self._take(np.dtype("<i4"), (outputs,))
        return Linear(weights, scales, bias)

    def norm(self, width: int) -> Norm:
        """Read the parameters of a layer normalisation."""
        return Norm(self.floats(width), self.floats(width))

    def end(self) -> None:
        """Check that nothing follows."""
        if self._at != len(self._content):
            raise ValueError(f"it has {len(self._content)} bytes instead of {self._at}")

    def _take(self, dtype: Any, shape: tuple[int, ...]) -> Any:
        start = self._at + -self._at % _ALIGNMENT
        count = math.prod(shape)
        self._at = start + count * dtype.itemsize
        if self._at > len(self._content):
            raise ValueError(f"it has {len(self._content)} bytes, too few for its sizes")
        return np.frombuffer(self._content, dtype, count, start).reshape(shape)


def _arrays(weights: Weights) -> Iterator[NDArray[Any]]:
    """Yield the arrays in the order of the file."""
    yield from (*weights.words, *weights.positions, *weights.norm)
    for layer in weights.layers:
        yield from (*_linear(layer.attention), *_linear(layer.output), *layer.attention_norm)
        yield from (*_linear(layer.expand), *_linear(layer.contract), *layer.output_norm)
    yield from (*_linear(weights.pooler), *weights.classifier)


def _linear(linear: Linear) -> Iterator[NDArray[Any]]:
    inputs, outputs = linear.weights.shape
    padded = np.pad(linear.weights, ((0, -inputs % _STEP_ROWS), (0, -outputs % _PANEL_COLUMNS)))
    yield padded.reshape(-1, _STEP_ROWS, padded.shape[1] // _PANEL_COLUMNS, _PANEL_COLUMNS).transpose(2, 0, 3, 1)
    yield linear.scales
    yield linear.bias
    # Activations are stored with 128 added, so each product has this much too much.
    yield 128 * linear.weights.sum(axis=0, dtype=np.int32)


def _quantise(values: Float) -> tuple[Int8, Float]:
    """Quantise each row symmetrically to its largest magnitude; a row of zeros has the scale 1."""
    largest = np.abs(values).max(axis=1)
    scales = np.where(largest > 0, largest / np.float32(_LEVELS), np.float32(1)).astype(np.float32)
    return np.rint(values / scales[:, None]).clip(-_LEVELS, _LEVELS).astype(np.int8), scales
