import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.tokens import estimate_tokens


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_estimate_stays_within_what_a_truncated_text_can_take(text: str) -> None:
    assert 8 <= estimate_tokens(text) <= 518


def test_longer_texts_are_never_estimated_as_less_work() -> None:
    sizes = [estimate_tokens("a fine film " * n) for n in range(400)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("text", ["!" * 300, "好" * 300, "a " * 300, "x_" * 300])
def test_text_that_splits_into_many_tokens_counts_for_many(text: str) -> None:
    assert estimate_tokens(text) >= 225


def test_the_longest_text_costs_as_much_as_a_truncated_one() -> None:
    assert estimate_tokens("word " * 10_000) == 518
