"""The file of weights: written, read again, and refused where it is damaged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.errors import ModelError
from tests.support.weights import random_weights
from worker.engines.weights import Head, Linear, Shape, Table, Weights, read_weights, write_weights


def _arrays(weights: Weights) -> list[Any]:
    parts: list[Any] = [weights.words, weights.positions, weights.norm, weights.pooler, weights.classifier]
    if weights.projection:
        parts.append(weights.projection)
    for layer in weights.layers:
        parts += layer
    return [array for part in parts for array in part]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("small") / "weights.bin"
    write_weights(path, random_weights(Shape(1, 32, 32, 2, 20, 8, 2)))
    return path.read_bytes()


@pytest.mark.parametrize(("width", "hidden", "heads", "embedding"), [(32, 64, 2, 0), (36, 52, 3, 24), (64, 32, 1, 96)])
@pytest.mark.parametrize(("head", "padding"), [(Head.RELU, -1), (Head.TANH, 0), (Head.GELU, 49)])
def test_what_is_written_is_read(
    tmp_path: Path, width: int, hidden: int, heads: int, embedding: int, head: Head, padding: int
) -> None:
    weights = random_weights(Shape(2, width, hidden, heads, 50, 16, 3, embedding), head=head, padding=padding)
    write_weights(tmp_path / "weights.bin", weights)
    again = read_weights(tmp_path / "weights.bin")
    assert again.shape == weights.shape
    assert again.form._replace(epsilon=weights.epsilon) == weights.form
    assert again.epsilon == np.float32(weights.epsilon)
    for ours, theirs in zip(_arrays(weights), _arrays(again), strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


_ANY = {*range(4, 8), *range(20, 24)}
"""Bytes of the version, of which there are two, and of the number of heads."""


@given(cut=st.integers(0, 10_000), at=st.sampled_from(sorted({*range(36)} - _ANY)), bits=st.integers(1, 255))
def test_a_damaged_file_is_refused(
    small: bytes, tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, bits: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "weights.bin"
    path.write_bytes(small[: cut % len(small)])
    with pytest.raises(ModelError, match="cannot be read"):
        read_weights(path)
    content = bytearray(small)
    content[at] ^= bits
    path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        read_weights(path)


def test_rows_are_quantised_to_their_largest_magnitude() -> None:
    values = np.array([[0, 0], [1, -2], [0.5, 0.25]], np.float32)
    table = Table.quantise(values)
    assert table.rows.tolist() == [[0, 0], [64, -127], [127, 64]]
    assert np.allclose(table.scales, [1, 2 / 127, 0.5 / 127])
    linear = Linear.quantise(values, np.zeros(3, np.float32))
    assert linear.weights.tolist() == [[0, 64, 127], [0, -127, 64]]
