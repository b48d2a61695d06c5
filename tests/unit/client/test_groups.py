import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.groups import Group, Limits, cut, encode
from client.models import Prediction, TextFailure

LIMITS = Limits(texts=5, chars=20, body=120)
FAILURE = TextFailure("no-text", "There is none.")


@given(st.lists(st.text(max_size=30)))
def test_groups_keep_order_and_limits(texts: list[str]) -> None:
    groups = list(cut(texts, LIMITS, str))
    assert [text for group in groups for text in group.items] == texts
    for group in groups:
        assert 0 < len(group.items) <= LIMITS.texts
        assert len(group.body) <= LIMITS.body or len(group.items) == 1
        sent = [text for text in group.items if len(text) <= LIMITS.chars]
        assert json.loads(group.body) == {"text": sent}


@given(st.lists(st.integers(1, 50), max_size=40))
def test_groups_keep_their_weight(weights: list[int]) -> None:
    limits = Limits(texts=100, chars=20, body=10_000, weight=60)
    groups = list(cut(weights, limits, str, weigh=lambda weight: weight))
    assert [weight for group in groups for weight in group.items] == weights
    assert all(sum(group.items) <= 60 for group in groups)


def test_a_group_is_cut_as_soon_as_the_next_item_is_known() -> None:
    """So that a slow source is not read further than one item ahead."""
    read: list[str] = []

    def source() -> object:
        for text in "abcdefghijkl":
            read.append(text)
            yield text

    groups = cut(source(), LIMITS, str)  # type: ignore[arg-type]
    assert (next(groups).items, len(read)) == (list("abcde"), 6)


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 21, "text-too-long"), ("\ud800", "not-unicode"), (FAILURE, "no-text")]
)
def test_what_cannot_be_sent(text: str | TextFailure, code: str) -> None:
    piece = encode(text, LIMITS.chars)
    assert isinstance(piece, TextFailure)
    assert piece.code == code


def test_answers_find_their_places() -> None:
    group = Group(["a", "b", "c", "d"], [b'"a"', FAILURE, b'"c"', b'"d"'])
    group.fail(1, TextFailure("invalid-text", "The second of what travels."))
    answer = Prediction("POSITIVE", 0.9, {"POSITIVE": 0.9, "NEGATIVE": 0.1})
    merged = group.merge([answer, answer])
    assert [getattr(outcome, "code", "fine") for outcome in merged] == ["fine", "no-text", "invalid-text", "fine"]
    first, second = group.halves()
    assert (first.items, second.items) == (["a", "b"], ["c", "d"])


def test_a_digest_names_what_travels() -> None:
    plain = Group(["a", "b"], [b'"a"', b'"b"'])
    assert plain.digest == Group([1, 2, 3], [b'"a"', FAILURE, b'"b"']).digest
    assert plain.digest != Group(["b", "a"], [b'"b"', b'"a"']).digest
    assert Group(["ab"], [b'"ab"']).digest != Group(["a", "b"], [b'"a', b'b"']).digest
