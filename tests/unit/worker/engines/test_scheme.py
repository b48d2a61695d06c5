"""The NumPy reference of the numeric scheme, which both engines are compared with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.encoder import ZERO, gelu, integer_product, logits, multiply, quantise_activations, scores
from tests.support.weights import random_weights
from worker.engines.weights import Linear, Shape

SHAPE = Shape(2, 32, 64, 2, 50, 64, 2)


@given(st.integers(0, 2**32 - 1), st.floats(1e-30, 1e30))
def test_activations_are_within_half_a_step(seed: int, size: float) -> None:
    values = np.random.default_rng(seed).normal(0, size, (3, 20))
    levels, scales = quantise_activations(values)
    assert levels.min() >= 1
    assert np.abs((levels.astype(float) - ZERO) * scales - values).max() <= scales.max() * 0.5001
    assert set(np.abs(levels.astype(int) - ZERO).max(axis=1)) == {127}


def test_a_row_of_zeros_stays_zero() -> None:
    levels, scales = quantise_activations(np.zeros((2, 8)))
    assert (levels == ZERO).all()
    assert (scales == 1).all()
    linear = Linear.quantise(np.ones((4, 8), np.float32), np.arange(4, dtype=np.float32))
    assert multiply(linear, np.zeros((2, 8))).tolist() == [[0, 1, 2, 3]] * 2


def test_products_are_close_to_those_of_the_matrix_that_was_quantised() -> None:
    rng = np.random.default_rng(1)
    matrix, bias, values = (rng.normal(0, 1, size).astype(np.float32) for size in ((24, 64), (24,), (5, 64)))
    linear = Linear.quantise(matrix, bias)
    assert np.abs(multiply(linear, values.astype(float)) - (values @ matrix.T + bias)).max() < 0.3
    extreme = integer_product(np.full((1, 64), 255, np.uint8), linear)
    assert extreme.tolist() == [(127 * linear.weights.astype(int).sum(axis=0)).tolist()]


def test_gelu_at_known_points() -> None:
    assert gelu(np.array([-40.0, 0.0, 1.0, 40.0])) == pytest.approx([0, 0, 0.8413447460685429, 40])


def test_each_token_and_its_place_change_the_answer() -> None:
    weights = random_weights(SHAPE)
    answers = [logits(weights, ids) for ids in ([1, 2, 3], [1, 3, 2], [1, 2, 4], [1, 2], [1])]
    assert len({tuple(answer.tolist()) for answer in answers}) == 5
    assert sum(scores(weights, [1, 2, 3])) == pytest.approx(1)
