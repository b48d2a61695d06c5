import math
import random

import pytest

from worker.engines.proof import Scores
from worker.engines.text.activation import Activation
from worker.modelling.bake.measures.calibration import calibration, fit_temperature
from worker.modelling.bake.measures.examples import Labelled

UP, DOWN = Labelled("up", frozenset({1})), Labelled("down", frozenset({0}))


def test_scores_that_are_shares_of_right_answers_have_no_error() -> None:
    examples, given = [UP] * 9 + [DOWN] + [UP] * 3 + [DOWN] * 2, [(0.1, 0.9)] * 10 + [(0.4, 0.6)] * 5
    found = calibration("data", examples, given, independent=False)
    assert found.error == pytest.approx(0)
    assert [part.confidence for part in found.bins] == pytest.approx([0.6, 0.9])
    assert [part.accuracy for part in found.bins] == pytest.approx([0.6, 0.9])
    assert [part.count for part in found.bins] == [5, 10]


def test_the_error_is_the_mean_distance_of_all_answers() -> None:
    found = calibration("data", [UP, DOWN, UP, UP], [(0.0, 1.0)] * 3 + [(0.3, 0.7)], independent=False)
    assert found.error == pytest.approx(3 / 4 * abs(1 - 2 / 3) + 1 / 4 * 0.3)


def test_every_label_of_a_multi_label_model_counts() -> None:
    both = Labelled("both", frozenset({0, 1}))
    found = calibration("data", [both, UP], [(0.95, 0.95), (0.05, 0.95)], independent=True)
    assert [(part.accuracy, part.count) for part in found.bins] == [(0, 1), (1, 3)]
    assert found.error == pytest.approx(0.05)


@pytest.mark.parametrize("independent", [False, True])
@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature: float, independent: bool) -> None:
    generator, activation = random.Random(7), Activation(independent=independent)
    outputs = [tuple(generator.gauss(0, 2) for _ in range(3)) for _ in range(4000)]
    examples = [Labelled("", drawn(activation.scores(logits), generator, independent)) for logits in outputs]
    stretched = [tuple(output * temperature for output in logits) for logits in outputs]
    assert fit_temperature(examples, stretched, independent=independent) == pytest.approx(temperature, rel=0.1)


def drawn(scores: Scores, generator: random.Random, independent: bool) -> frozenset[int]:
    if independent:
        return frozenset(index for index, score in enumerate(scores) if generator.random() < score)
    return frozenset(generator.choices(range(len(scores)), scores))


def test_a_model_that_is_always_right_has_the_lowest_temperature() -> None:
    found = fit_temperature([UP] * 10, [(0.0, 1.0)] * 10, independent=False)
    assert found == pytest.approx(0.05)
    assert math.isfinite(found)
