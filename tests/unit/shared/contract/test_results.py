import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.record import Facts
from shared.contract.results import FAILURE, Result, decode_reply, encode_reply

versions = st.text("0123456789abcdef", min_size=16, max_size=16)
bodies = st.binary().map(lambda content: b"[" + content + b"]") | st.just(FAILURE)
numbers = st.integers(0, 10**9)
heads = st.just(b"") | st.builds(Facts, st.just(0), numbers, numbers, numbers, st.just(())).map(Facts.encode)
results = st.builds(Result, version=versions, micros=numbers, body=bodies, head=heads).filter(
    lambda result: not (result.failed and result.head)
)


@given(versions, results)
def test_a_reply_survives_the_way_back(key: str, result: Result) -> None:
    assert decode_reply(encode_reply(f"{key}:{key}", result.encode())) == (f"{key}:{key}", result)


@pytest.mark.parametrize(
    "data", [b"", b"x", b"key\nno head", b"key\nversion notanumber\n[]", b"key\nversion 1\n", b"key\nversion 1\n\x07[]"]
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode_reply(data)


def test_a_failure_is_told_from_an_answer() -> None:
    assert Result("v", 0, FAILURE).failed
    assert not Result("v", 0, b"[]").failed
