import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from api.contract.schemas import bulk_request, single_request
from api.errors.problems import BodyTooLargeError, InvalidRequestError
from api.http.body import parse_body, read_body
from api.http.content import CorruptContentError, UnsupportedContentError, content_of
from shared.process.settings import Settings

SETTINGS = Settings(max_texts=4, max_chars=5)
BULK, SINGLE = bulk_request(SETTINGS), single_request(SETTINGS)
PLAIN = content_of(b"")
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
        assert asyncio.run(read_body(request(*chunks), PLAIN, 50, 5)) == whole
    else:
        with pytest.raises(BodyTooLargeError):
            asyncio.run(read_body(request(*chunks), PLAIN, 50, 5))


def test_an_announced_size_is_enough_to_refuse() -> None:
    with pytest.raises(BodyTooLargeError):
        asyncio.run(read_body(request(headers={"Content-Length": "51"}), PLAIN, 50, 5))


@pytest.mark.parametrize("length", ["", "-1", "abc", "\u00b2"])
def test_an_odd_announcement_is_no_reason_to_fail(length: str) -> None:
    assert asyncio.run(read_body(request(b"x", headers={"Content-Length": length}), PLAIN, 50, 5)) == b"x"


def packed(coding: str, data: bytes) -> bytes:
    """Return data as a client packs it; `raw` is deflate without zlib's header, as some send it."""
    if coding == "raw":
        stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return stream.compress(data) + stream.flush()
    return gzip.compress(data) if coding == "gzip" else zlib.compress(data)


def unpack(coding: str, chunks: Iterable[bytes], most: int = 10**6) -> bytes:
    content = content_of(b"", b"gzip" if coding == "gzip" else b"deflate")
    return asyncio.run(read_body(request(*chunks), content, most, 5))


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[first:last] for first, last in pairwise(ends)]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
@given(st.binary(max_size=300), st.integers(1, 2000), st.lists(st.integers(0, 10**6), max_size=5))
def test_a_packed_body_comes_out_however_it_is_cut(coding: str, data: bytes, times: int, places: list[int]) -> None:
    assert unpack(coding, cut(packed(coding, data * times), places)) == data * times


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_packed_body_that_is_cut_short_or_goes_on_is_refused(coding: str, data: bytes, draw: st.DataObject) -> None:
    whole = packed(coding, data)
    for wrong in (whole[: draw.draw(st.integers(0, len(whole) - 1))], whole + b"more"):
        with pytest.raises(CorruptContentError):
            unpack(coding, [wrong])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
@given(st.binary(max_size=100))
def test_any_bytes_are_unpacked_or_refused(coding: str, data: bytes) -> None:
    with suppress(CorruptContentError):
        unpack(coding, [data])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
def test_a_bomb_is_refused_at_the_limit_in_the_memory_of_the_limit(coding: str) -> None:
    most, segment = 1_000_000, 64 * 1024
    bomb = packed(coding, bytes(400 * most))
    assert len(bomb) < most
    segments = cut(bomb, range(0, len(bomb), segment))
    tracemalloc.start()
    with pytest.raises(BodyTooLargeError):
        unpack(coding, segments, most)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < most + 8 * segment


def test_members_of_a_gzip_file_follow_each_other_up_to_a_number() -> None:
    member = gzip.compress(b"text")
    assert unpack("gzip", [member * 64]) == b"text" * 64
    with pytest.raises(CorruptContentError):
        unpack("gzip", [member * 65])


@pytest.mark.parametrize(
    "value", [b"br", b"zstd", b"gzip, gzip", b"gzip,deflate", b"gzip, identity", b"compress", b"*"]
)
def test_other_codings_are_refused_and_the_right_ones_named(value: bytes) -> None:
    with pytest.raises(UnsupportedContentError, match="gzip, deflate") as refused:
        content_of(b"application/json", value)
    assert refused.value.headers == {"Accept-Encoding": "gzip, deflate"}


@pytest.mark.parametrize("value", [b"", b"identity", b"Identity", b"gzip", b"GZIP", b"x-gzip", b" deflate "])
def test_the_right_codings_are_understood_in_any_case(value: bytes) -> None:
    assert (content_of(b"", value).inflater is None) == (value.strip().lower() in {b"", b"identity"})


@pytest.mark.parametrize("value", [b"text/plain", b"json", b"application/x-www-form-urlencoded", b"a" * 1000])
def test_other_types_are_refused(value: bytes) -> None:
    with pytest.raises(UnsupportedContentError):
        content_of(value)
