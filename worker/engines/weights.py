"""The file of quantised weights that every engine reads: ``weights.bin``.

Little-endian: a header of 64 bytes, then arrays in a fixed order, each beginning at a multiple of 64 bytes. The header
has the magic, the version, seven sizes and epsilon; since version 2 also the width of the embeddings if it is not the
encoder's, the head's number, and the padding token plus one. Matrices lie in panels of 32 columns, which a vector
instruction reads in one piece: [columns / 32][rows / 4][32 columns][4 rows], rounded up with zeros.
"""

import math
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from shared.contract.errors import ModelError

_MAGIC: Final = b"SNTW"
_VERSIONS: Final = (1, 2)
"""Version 1 has the forms of DistilBERT alone."""
_HEADER: Final = struct.Struct("<4s8If3I12x")
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
    """Rows of their table."""
    labels: int
    embedding: int = 0
    """Width of the tables, where a product brings it to the encoder's width; else 0."""

    @property
    def table_width(self) -> int:
        """Width of the tables."""
        return self.embedding or self.width


class Head(IntEnum):
    """The function between the two products behind the encoder, by its number in the file."""

    RELU = 0
    TANH = 1
    GELU = 2


class Form(NamedTuple):
    """The parts of an encoder that are no sizes and no weights."""

    layers: int
    heads: int
    epsilon: float = 1e-12
    """Added to the variance in each layer normalisation."""
    head: Head = Head.RELU
    padding: int = -1
    """The token that takes row 0 of the positions and none of its own; -1 where there is none."""


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
    """All parameters of a sequence classifier, quantised but for norms, biases and the last product."""

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
    head: Head = Head.RELU
    padding: int = -1
    """As in `Form`."""
    projection: Linear | None = None
    """From the tables' width to the encoder's, where `Shape.embedding` is not 0."""

    @property
    def form(self) -> Form:
        """The parts that are no sizes and no weights."""
        return Form(self.shape.layers, self.shape.heads, self.epsilon, self.head, self.padding)


def write_weights(path: Path, weights: Weights) -> None:
    """Write the file."""
    with path.open("wb") as file:
        *sizes, embedding = weights.shape
        about = (weights.epsilon, embedding, weights.head, weights.padding + 1)
        file.write(_HEADER.pack(_MAGIC, _VERSIONS[-1], *sizes, *about))
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
    shape, form = _read_header(file.read(_HEADER.size))
    cursor = _Cursor(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    width, hidden = shape.width, shape.hidden
    words = cursor.table(shape.vocabulary, shape.table_width)
    positions = cursor.table(shape.positions, shape.table_width)
    norm = cursor.norm(shape.table_width)
    projection = cursor.linear(shape.embedding, width) if shape.embedding else None
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
    return Weights(
        shape=shape,
        epsilon=form.epsilon,
        words=words,
        positions=positions,
        norm=norm,
        layers=layers,
        pooler=pooler,
        classifier=classifier,
        head=form.head,
        padding=form.padding,
        projection=projection,
    )


def _read_header(content: bytes) -> tuple[Shape, Form]:
    magic, version, *sizes, epsilon, embedding, head, padding = _HEADER.unpack(content)
    if magic != _MAGIC or version not in _VERSIONS:
        raise ValueError(f"not a file of weights of version {' or '.join(map(str, _VERSIONS))}")
    if version == 1:
        embedding = head = padding = 0
    if min(sizes) < 1 or padding > sizes[4]:
        raise ValueError(f"it has impossible sizes: {sizes}")
    shape = Shape._make([*sizes, embedding])
    return shape, Form(shape.layers, shape.heads, epsilon, Head(head), padding - 1)


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

    def table(self, entries: int, width: int) -> Table:
        """Read an embedding table."""
        return Table(self.int8(entries, width), self.floats(entries))

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
    if weights.projection:
        yield from _linear(weights.projection)
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
