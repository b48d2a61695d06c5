import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract import tokens
from shared.contract.tokens import Cost


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_estimate_stays_within_what_a_truncated_text_can_take(text: str) -> None:
    assert 8 <= Cost().estimate(text) <= 518


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_text_has_as_many_pieces_as_by_the_regular_expression(text: str) -> None:
    assert tokens._pieces(text) == len(tokens._PIECE.findall(text))


def test_longer_texts_are_never_estimated_as_less_work() -> None:
    sizes = [Cost().estimate("a fine film " * n) for n in range(400)]
    assert sizes == sorted(sizes)


def test_truncation_and_bytes_per_token_are_those_of_the_model() -> None:
    assert Cost(max_tokens=8192).estimate("word " * 10_000) == 8192 + 6
    assert Cost(max_tokens=128).estimate("word " * 10_000) == 128 + 6
    assert Cost(bytes_per_token=2.0).estimate("x" * 100) == 50 + 8


@pytest.mark.parametrize(("each", "expected"), [(1.0, 30), (0.6, 18), (2.0, 60)])
def test_chinese_characters_count_by_their_own_number(each: float, expected: int) -> None:
    cost = Cost(ideograph_tokens=each)
    assert cost.estimate("\u8fd9\u5bb6\u9910\u5385\u592a" * 6) == expected + 8
    assert cost.estimate("\u8fd9\u5bb6\u9910\u5385\u592a" * 6 + "x" * 40) == expected + 10 + 8


def test_attention_makes_long_texts_cost_more_than_their_tokens() -> None:
    cost = Cost(max_tokens=8192, attention_tokens=1000)
    assert cost.estimate("word " * 10_000) == 6 + 8192 + 8192 * 8192 // 1000
    assert cost.estimate("a few words") == 8 + 3


@pytest.mark.parametrize("text", ["!" * 300, "好" * 300, "a " * 300, "x_" * 300])
def test_text_that_splits_into_many_tokens_counts_for_many(text: str) -> None:
    assert Cost().estimate(text) >= 225


def test_the_longest_text_costs_as_much_as_a_truncated_one() -> None:
    assert Cost().estimate("word " * 10_000) == 518
