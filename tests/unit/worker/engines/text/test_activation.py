import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.engines.text.activation import Activation

OUTPUTS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


@given(OUTPUTS, st.floats(0.1, 10))
def test_softmax_shares_one_among_all_labels(outputs: list[float], temperature: float) -> None:
    scores = Activation(temperature=temperature).scores(outputs)
    assert all(0 <= score <= 1 for score in scores)
    assert math.isclose(sum(scores), 1, abs_tol=1e-9)
    assert scores.index(max(scores)) in {i for i, output in enumerate(outputs) if output > max(outputs) - 1e-6}


@given(OUTPUTS)
def test_a_sigmoid_depends_on_its_own_output_alone(outputs: list[float]) -> None:
    activation = Activation(independent=True)
    scores = activation.scores(outputs)
    assert scores == tuple(score for output in outputs for score in activation.scores([output]))
    assert all(0 <= score <= 1 for score in scores)


def test_known_values() -> None:
    assert Activation(independent=True).scores([0, math.log(3), -math.log(3)]) == pytest.approx((0.5, 0.75, 0.25))
    assert Activation().scores([0, math.log(3)]) == pytest.approx((0.25, 0.75))
    assert Activation(temperature=2).scores([0, 2 * math.log(3)]) == pytest.approx((0.25, 0.75))
    assert Activation(independent=True, temperature=2).scores([2 * math.log(3), 0]) == pytest.approx((0.75, 0.5))
