import json

from hypothesis import given
from hypothesis import strategies as st

from shared.contract.predictions import encode_prediction

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
