import asyncio
import json
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from api.body import parse_body, read_body
from api.problems import BodyTooLargeError, InvalidRequestError
from api.schemas import bulk_request, single_request
from shared.process.settings import Settings

SETTINGS = Settings(max_texts=4, max_chars=5)
BULK, SINGLE = bulk_request(SETTINGS), single_request(SETTINGS)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


def request(*chunks: bytes, headers: dict[str, str] | None = None) -> Request:
    parts = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages = iter([*parts, {"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(messages)

    pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "headers": pairs}, receive)


def parse(adapter: Any, body: bytes) -> Any:
    return asyncio.run(parse_body(request(body), adapter.validate_json, 10_000, 5)).text


@given(st.lists(any_text, max_size=6))
def test_a_batch_is_accepted_exactly_within_the_limits(texts: list[str]) -> None:
    body = json.dumps({"text": texts}).encode()
    if len(texts) <= SETTINGS.max_texts and all(len(text) <= SETTINGS.max_chars for text in texts):
        assert parse(BULK, body) == texts
    else:
        with pytest.raises(InvalidRequestError):
            parse(BULK, body)


@given(json_values)
def test_only_strings_are_texts(value: Any) -> None:
    body = json.dumps({"text": value}).encode()
    if isinstance(value, str) and len(value) <= SETTINGS.max_chars:
        assert parse(SINGLE, body) == value
    else:
        with pytest.raises(InvalidRequestError):
            parse(SINGLE, body)


@given(st.binary(max_size=64))
def test_whatever_the_bytes_there_is_a_text_or_a_reason_without_them(body: bytes) -> None:
    reasons = []
    try:
        parse(SINGLE, body)
    except InvalidRequestError as error:
        reasons = error.reasons
    assert all(set(reason) == {"location", "message"} for reason in reasons)


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_a_body_is_read_whole_or_refused(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    if len(whole) <= 50:
        assert asyncio.run(read_body(request(*chunks), 50, 5)) == whole
    else:
        with pytest.raises(BodyTooLargeError):
            asyncio.run(read_body(request(*chunks), 50, 5))


def test_an_announced_size_is_enough_to_refuse() -> None:
    with pytest.raises(BodyTooLargeError):
        asyncio.run(read_body(request(headers={"Content-Length": "51"}), 50, 5))


@pytest.mark.parametrize("length", ["", "-1", "abc", "\u00b2"])
def test_an_odd_announcement_is_no_reason_to_fail(length: str) -> None:
    assert asyncio.run(read_body(request(b"x", headers={"Content-Length": length}), 50, 5)) == b"x"
