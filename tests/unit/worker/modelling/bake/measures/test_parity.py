import pytest

from shared.contract.errors import ModelError
from worker.engines.proof import Scores
from worker.modelling.bake.measures.examples import Labelled
from worker.modelling.bake.measures.parity import agreement, check_accuracy, check_parity, largest_difference
from worker.modelling.bake.texts import reference_texts

UP: Scores = (0.1, 0.9)
DOWN: Scores = (0.9, 0.1)
NEITHER: Scores = (0.1, 0.2)
BOTH: Scores = (0.6, 0.7)
IS_UP = Labelled("up", frozenset({1}))
IS_DOWN = Labelled("down", frozenset({0}))


def test_two_hundred_texts_no_two_alike() -> None:
    texts = reference_texts()
    assert len(texts) == len(set(texts)) == 200
    assert texts == reference_texts()
    assert {"", " "} < set(texts)
    assert max(len(text.split()) for text in texts) >= 600


def test_the_smallest_allowed_drift_passes() -> None:
    parity = check_parity([UP] * 100, [(0.10009, 0.89991)] * 100, [UP] * 98 + [DOWN] * 2)
    assert parity.texts == 100
    assert parity.fp32_max_difference == pytest.approx(9e-5)
    assert parity.int8_agreement == 0.98
    assert parity.int8_max_difference == pytest.approx(0.8)


def test_fp32_drift_is_refused() -> None:
    with pytest.raises(ModelError, match=r"the fp32 graph drifts .* by 0\.0002 "):
        check_parity([UP], [(0.1002, 0.8998)], [UP])


def test_int8_that_says_otherwise_is_refused() -> None:
    with pytest.raises(ModelError, match=r"int8 gives another label on 3\.0% of the built-in texts, more than 2%"):
        check_parity([UP] * 100, [UP] * 100, [UP] * 97 + [DOWN] * 3)


def test_accuracy_is_measured_on_both() -> None:
    examples = [IS_UP] * 500 + [IS_DOWN] * 500
    reference = [UP] * 500 + [DOWN] * 450 + [UP] * 50
    accuracy = check_accuracy("some data", examples, reference, [DOWN, *reference[1:]])
    assert (accuracy.fp32, accuracy.int8, accuracy.agreement) == (0.95, 0.949, 0.999)
    assert (accuracy.data, accuracy.texts) == ("some data", 1000)


def test_int8_that_loses_accuracy_is_refused() -> None:
    with pytest.raises(ModelError, match=r"int8 loses too much: 0\.9900 instead of 1\.0000 on some data"):
        check_accuracy("some data", [IS_UP] * 100, [UP] * 100, [DOWN] + [UP] * 99)


def test_int8_that_errs_elsewhere_is_refused_even_if_it_is_as_accurate() -> None:
    with pytest.raises(ModelError, match=r"another label on 4\.0% of some data"):
        check_accuracy("some data", [IS_UP] * 100, [DOWN] * 2 + [UP] * 98, [UP] * 98 + [DOWN] * 2)


def test_a_multi_label_model_is_compared_label_by_label_at_its_threshold() -> None:
    reference = [BOTH] * 100
    parity = check_parity(reference, reference, [BOTH] * 98 + [UP] * 2, 0.5)
    assert parity.int8_agreement == 0.98
    with pytest.raises(ModelError, match=r"another label on 3\.0% of the built-in texts.*--precision fp32"):
        check_parity(reference, reference, [BOTH] * 97 + [UP] * 3, 0.5)
    assert check_parity(reference, reference, [UP] * 100, 0.05).int8_agreement == 1


def test_accuracy_of_a_multi_label_model_is_its_share_of_right_decisions() -> None:
    examples = [Labelled("", frozenset()), Labelled("", frozenset({0, 1}))] * 100
    reference = [NEITHER, BOTH] * 100
    accuracy = check_accuracy("data", examples, reference, [NEITHER, UP, *reference[2:]], 0.5)
    assert (accuracy.fp32, accuracy.int8, accuracy.agreement) == (1, 0.9975, 0.995)


def test_fp32_alone_is_measured_without_int8() -> None:
    assert check_parity([UP], [UP], None).int8_max_difference is None
    accuracy = check_accuracy("data", [IS_UP, IS_DOWN], [UP, UP], None)
    assert (accuracy.fp32, accuracy.int8) == (0.5, None)
    assert accuracy.measured(None).accuracy == 0.5


def test_a_graph_that_gives_no_numbers_is_refused() -> None:
    with pytest.raises(ModelError, match="the fp32 graph drifts"):
        check_parity([UP], [(float("nan"), 0.9)], None)


def test_measures() -> None:
    assert largest_difference([UP, DOWN], [UP, (0.7, 0.3)]) == pytest.approx(0.2)
    assert agreement([UP, DOWN], [UP, UP]) == 0.5
