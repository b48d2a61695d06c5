"""Every row of the table, over a bare socket: the answer, one and no more, and whether the connection goes on."""

import json
from uuid import uuid4

import pytest

from tests.integration.http.conversation import Conversation
from tests.integration.http.rows import ANSWERED, KNOWN, REFUSED, Row
from tests.support.asking import expected
from tests.support.service import Api


@pytest.mark.parametrize("segments", ["one segment", "body later"])
@pytest.mark.parametrize("way", ["hit", "miss"])
@pytest.mark.parametrize("row", ANSWERED, ids=lambda row: row.name)
def test_an_allowed_request_is_answered(served: Api, row: Row, way: str, segments: str) -> None:
    text = KNOWN if way == "hit" else uuid4().hex
    head, body = row.write(text)
    with Conversation(served) as connection:
        connection.send(*((head + body,) if segments == "one segment" else (head, body)))
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 200, answer
        assert json.loads(answer.body) == {"prediction": expected(text)}
        assert answer.headers["cache-status"].startswith(f"sentiment; {'hit' if way == 'hit' else 'fwd=miss'}")
        assert connection.goes_on() == row.goes_on


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_a_forbidden_request_is_refused(served: Api, row: Row) -> None:
    head, body = row.write(KNOWN)
    with Conversation(served) as connection:
        connection.send(head + body)
        answer = connection.answer()
        assert answer is not None
        assert answer.status == row.status, answer
        assert ("accept-encoding" in answer.headers) == ("coding" in row.name and row.status == 415)
        assert connection.goes_on() == row.goes_on


@pytest.mark.parametrize("row", [row for row in ANSWERED if "upgrade" in row.name], ids=lambda row: row.name)
def test_a_body_that_looks_like_a_request_is_a_body(served: Api, row: Row) -> None:
    inner = b"GET /project/stats HTTP/1.1\r\nHost: test\r\n\r\n"
    head, body = Row(row.name, row.headers, "as given" if row.coding == "chunked" else row.coding, body=inner).write("")
    if row.coding == "chunked":
        head = head.removesuffix(b"\r\n") + b"Transfer-Encoding: chunked\r\n\r\n"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(inner), inner)
    for segments in ((head + body,), (head, body)):
        with Conversation(served) as connection:
            connection.send(*segments)
            answer = connection.answer()
            assert answer is not None
            assert answer.status == 422
            assert connection.goes_on() == row.goes_on


def test_requests_in_one_segment_are_answered_in_order(served: Api) -> None:
    texts = [KNOWN, uuid4().hex, KNOWN, uuid4().hex]
    rows = [ANSWERED[0], ANSWERED[3], ANSWERED[4], ANSWERED[2]]
    with Conversation(served) as connection:
        connection.send(b"".join(b"".join(row.write(text)) for row, text in zip(rows, texts, strict=True)))
        for text in texts:
            answer = connection.answer()
            assert answer is not None
            assert json.loads(answer.body) == {"prediction": expected(text)}
        assert connection.goes_on()


@pytest.mark.parametrize("text", [KNOWN, "another text"])
def test_what_follows_a_request_and_is_none_gets_no_answer_before_it(served: Api, text: str) -> None:
    with Conversation(served) as connection:
        connection.send(b"".join(ANSWERED[0].write(text)) + b"no request at all\r\n\r\n")
        answer = connection.answer()
        assert answer is not None
        assert json.loads(answer.body) == {"prediction": expected(text)}
        after = connection.answer()
        assert after is None or after.status == 400
        assert connection.answer() is None


@pytest.mark.parametrize("before", [(KNOWN,), ("first",), ("first", KNOWN), ("first", "second")], ids=" ".join)
def test_requests_before_a_body_that_cannot_be_parsed_are_answered(served: Api, before: tuple[str, ...]) -> None:
    texts = [text if text == KNOWN else f"{text} {uuid4()}" for text in before]
    broken = ANSWERED[0].line + b"\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n"
    with Conversation(served) as connection:
        connection.send(b"".join(b"".join(ANSWERED[0].write(text)) for text in texts) + broken)
        for text in texts:
            answer = connection.answer()
            assert answer is not None
            assert json.loads(answer.body) == {"prediction": expected(text)}
        after = connection.answer()
        assert after is not None
        assert after.status == 400
        assert not connection.goes_on()


def test_a_head_without_an_end_is_refused_at_its_limit(served: Api) -> None:
    with Conversation(served) as connection:
        connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nX-Long: ", *[b"a" * 16_000] * 5)
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 431
        assert connection.answer() is None


def test_a_long_head_in_two_pieces_behind_another_request_is_refused(served: Api) -> None:
    """The first piece ends one request and begins the next, and neither piece alone is over the limit."""
    first = b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"
    lines = [b"X-%d: %b\r\n" % (number, b"a" * 8_000) for number in range(10)]
    with Conversation(served) as connection:
        connection.send(
            first + b"GET /livez HTTP/1.1\r\nHost: test\r\n" + b"".join(lines[:5]), b"".join(lines[5:]) + b"\r\n"
        )
        assert [answer and answer.status for answer in (connection.answer(), connection.answer())] == [200, 431]


def test_a_body_larger_than_the_limit_of_a_head_is_read(served: Api) -> None:
    head, body = ANSWERED[0].write(KNOWN)
    with Conversation(served) as connection:
        connection.send(
            head.replace(b"Content-Length: %d" % len(body), b"Content-Length: 200000"),
            body + b" " * (200_000 - len(body)),
        )
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 200
        assert connection.goes_on()


def test_a_refusal_is_logged_once(served: Api) -> None:
    before = len(served.process.output.splitlines())
    with Conversation(served) as connection:
        connection.send(*ANSWERED[3].write(KNOWN))
        assert connection.answer() is not None
    assert len(served.process.output.splitlines()) == before
