import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker.fleet import ASSUMED
from shared.contract.card import ModelCard
from shared.contract.jobs import result_bytes
from shared.contract.predictions import encode_prediction
from shared.contract.record import FORM, Facts, Record, record_bytes
from shared.contract.results import FAILURE

counts = st.none() | st.integers(0, 2**32 - 2)
logits = st.lists(st.floats(width=32, allow_nan=False), max_size=30).map(tuple)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    numbers = draw(logits)
    return Facts(draw(st.integers(0, max(0, len(numbers) - 1))), draw(counts), draw(counts), draw(counts), numbers)


bodies = st.binary().map(lambda content: b"[" + content + b"]")


@given(facts(), bodies)
def test_a_record_comes_back_as_it_was(known: Facts, body: bytes) -> None:
    record = Record.decode(Record(body, known.encode()).encode())
    assert record.body == body
    assert record.facts == known
    assert record.tokens == (known.tokens or 0)


@given(st.binary() | st.binary().map(lambda rest: bytes([FORM]) + rest))
def test_bytes_are_a_record_or_refused(data: bytes) -> None:
    try:
        record = Record.decode(data)
    except ValueError:
        assert Record.stored(data) is None
        return
    assert record.encode() == data
    assert record.body[:1] in {b"[", b"{"}
    assert record.facts is None or record.facts.encode() == record.head


@given(facts(), st.data())
def test_a_record_that_was_cut_or_lengthened_is_refused(known: Facts, data: st.DataObject) -> None:
    whole = Record(b'[{"label":"A","score":0.5}]', known.encode()).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert Record.stored(whole[:cut]) is None
    for head in (known.encode()[:-1], known.encode() + b"\0"):
        with pytest.raises(ValueError, match="record"):
            Facts.decode(head)


@pytest.mark.parametrize("data", [None, 7, b"", FAILURE, b"[]", b"\x03[]", b"\x02[]", bytes([FORM + 1]) * 40 + b"[]"])
def test_what_the_cache_holds_in_another_form_is_a_miss(data: object) -> None:
    assert Record.stored(data) is None


def test_an_answer_of_an_earlier_release_has_no_facts() -> None:
    assert Record.decode(b"[1]") == (b"[1]", b"")
    assert Record.decode(b"[1]").facts is None
    assert Record.decode(FAILURE).body == FAILURE


def test_facts_that_follow_from_the_counts() -> None:
    assert Facts(0).truncated is None
    assert Facts(0).unknown_share is None
    assert Facts(0, tokens=10, tokens_before=10).truncated is False
    assert Facts(0, tokens=10, tokens_before=11).truncated is True
    assert Facts(0, tokens=10, unknown=4).unknown_share == 0.5
    assert Facts(0, tokens=3, unknown=1).unknown_share == 1.0
    assert Facts(0, tokens=2, unknown=0).unknown_share == 0.0
    assert Facts(0, tokens=1, unknown=5).unknown_share == 1.0


labels = st.lists(
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=100), min_size=2, max_size=40, unique=True
)
scores = st.floats(0, 1) | st.sampled_from([5e-324, 2.2250738585072014e-308, 1.2345678901234567e-05, 1 / 3])


@given(labels, st.data())
def test_no_record_is_larger_than_its_bound(names: list[str], data: st.DataObject) -> None:
    card = ModelCard(version="v", name="m", labels=tuple(names))
    given_scores = data.draw(st.lists(scores, min_size=len(names), max_size=len(names)))
    body = encode_prediction(given_scores, names)
    assert len(json.loads(body)) == len(names)
    record = Record(body, Facts(0, 1, 1, 1, tuple(given_scores)).encode())
    assert len(record.encode()) <= record_bytes(card)


def test_logits_are_kept_as_float32() -> None:
    (kept,) = Facts.decode(Facts(0, logits=(1 / 3,)).encode()).logits
    assert math.isclose(kept, 1 / 3, rel_tol=1e-7)
    assert kept != 1 / 3


@given(facts())
def test_a_head_is_doubtful_if_its_facts_are(known: Facts) -> None:
    record = Record(b"[]", known.encode())
    assert record.doubtful or not (known.truncated or known.unknown_share)
    assert not Record(b"[]", Facts(0, 5, 5, 0).encode()).doubtful
    assert not Record(b"[]").doubtful
    assert Record(b"[]").tokens == 0


def test_a_head_of_another_form_tells_nothing() -> None:
    assert Record(b"[]", b"\x03" + bytes(30)).facts is None


def test_results_of_two_labels_count_as_always_and_many_labels_count_more() -> None:
    assert result_bytes(ASSUMED) == 256
    many = ModelCard(version="v", name="m", labels=tuple(f"label {number}" for number in range(28)))
    assert result_bytes(many) > 28 * 60
