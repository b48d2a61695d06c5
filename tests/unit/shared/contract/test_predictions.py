import json

from hypothesis import given
from hypothesis import strategies as st

from shared.contract.predictions import encode_prediction

scores = st.floats(0, 1, allow_nan=False)


@given(scores)
def test_the_bytes_are_json_with_the_higher_score_first(positive: float) -> None:
    entries = json.loads(encode_prediction((1 - positive, positive)))
    assert {entry["label"]: entry["score"] for entry in entries} == {"NEGATIVE": 1 - positive, "POSITIVE": positive}
    assert entries[0]["score"] >= entries[1]["score"]


@given(st.lists(scores, max_size=10))
def test_joined_bytes_parse_to_the_parts(values: list[float]) -> None:
    parts = [encode_prediction((1 - value, value)) for value in values]
    joined = b'{"predictions":[' + b",".join(parts) + b"]}"
    assert json.loads(joined) == {"predictions": [json.loads(part) for part in parts]}
