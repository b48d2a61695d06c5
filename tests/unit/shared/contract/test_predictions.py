import json

from hypothesis import given
from hypothesis import strategies as st

from shared.contract.predictions import cut, encode_prediction
from shared.contract.results import FAILURE

LABELS = ("NEGATIVE", "POSITIVE")
scores = st.floats(0, 1, allow_nan=False)
names = st.text(st.characters(exclude_categories=["C"]), min_size=1)


def test_the_bytes_are_the_answers_to_the_letter() -> None:
    expected = b'[{"label":"POSITIVE","score":0.75},{"label":"NEGATIVE","score":0.25}]'
    assert encode_prediction((0.25, 0.75), LABELS) == expected
    assert encode_prediction((0.5, 0.5), LABELS).startswith(b'[{"label":"NEGATIVE","score":0.5}')


@given(scores, st.lists(names, min_size=2, max_size=2, unique=True))
def test_the_bytes_are_json_with_the_higher_score_first(positive: float, labels: list[str]) -> None:
    entries = json.loads(encode_prediction((1 - positive, positive), labels))
    assert {entry["label"]: entry["score"] for entry in entries} == {labels[0]: 1 - positive, labels[1]: positive}
    assert entries[0]["score"] >= entries[1]["score"]


@given(st.lists(scores, max_size=10))
def test_joined_bytes_parse_to_the_parts(values: list[float]) -> None:
    parts = [encode_prediction((1 - value, value), LABELS) for value in values]
    joined = b'{"predictions":[' + b",".join(parts) + b"]}"
    assert json.loads(joined) == {"predictions": [json.loads(part) for part in parts]}


odd = st.text(st.sampled_from('a"\\\\},{:label[]é👍'), min_size=1) | st.just('},{"label":"x","score":1') | names


@given(st.lists(st.tuples(odd, scores), min_size=2, max_size=12, unique_by=lambda pair: pair[0]), st.integers(1, 15))
def test_a_cut_answer_has_the_first_labels_whatever_they_are_called(pairs: list[tuple[str, float]], most: int) -> None:
    body = encode_prediction([score for _, score in pairs], [label for label, _ in pairs])
    assert json.loads(cut(body, most)) == json.loads(body)[:most]
    assert cut(body, len(pairs)) == body


def test_an_error_is_not_cut() -> None:
    assert cut(FAILURE, 1) == FAILURE
