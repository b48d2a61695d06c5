import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from client.errors import ApiError, ConnectionFailedError, UnavailableError, UnexpectedAnswerError, api_error
from client.retry import Patience, refusal, retry_after
from client.wire import Call, Reply

AWAY = ConnectionFailedError("http://nowhere", "Connection refused", "id")


def refused(status: int, seconds: float | None = None) -> ApiError:
    return api_error(status, {"type": "urn:sentiment:problem:some"}, "id", seconds)


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7), (" 0 ", 0), ("", None), ("soon", None), ("-3", None), ("²", None)]
)
def test_seconds(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


def test_dates() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = retry_after({"retry-after": later})
    assert found is not None
    assert 60 < found <= 90
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


@pytest.mark.parametrize("status", [400, 401, 404, 405, 409, 410, 413, 415, 422, 500, 501])
def test_what_would_be_answered_the_same_is_not_sent_again(status: int) -> None:
    assert Patience(60).pause(refused(status)) is None
    assert Patience(60).pause(UnexpectedAnswerError("http://x", 200, "id")) is None


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_what_may_be_answered_otherwise_is(status: int) -> None:
    assert Patience(60).pause(refused(status)) is not None


def test_the_service_is_never_asked_sooner_than_it_said() -> None:
    pauses = [Patience(60).pause(refused(503, 7)) or 0 for _ in range(50)]
    assert min(pauses) >= 7
    assert max(pauses) <= 7.7
    assert len(set(pauses)) > 1, "not all clients come back at once"


def test_pauses_grow_and_are_never_longer_than_what_is_left() -> None:
    patience = Patience(1000)
    pauses = [patience.pause(AWAY) or 0 for _ in range(12)]
    assert 0.05 <= pauses[0] <= 0.1
    assert pauses[-1] <= 5
    assert sum(pauses[6:]) > sum(pauses[:6])
    patience.renew()
    assert (patience.pause(AWAY) or 1) <= 0.1
    assert Patience(5).pause(refused(503, 7)) is None, "a wait that outlasts the patience is not begun"


def test_an_attempt_is_given_up_before_the_patience_is() -> None:
    held = Call("GET", "/", wait=20)
    assert Patience(300).limit(held) == 50
    assert 20 < Patience(10).limit(held) <= 30


def test_a_refusal_that_is_no_problem_document() -> None:
    reply = Reply("http://x/", 503, httpx.Headers({"retry-after": "3"}), b"<html>", "id")
    error = refusal(reply)
    assert isinstance(error, UnavailableError)
    assert (error.code, error.title, error.retry_after, error.request_id) == ("http-503", "HTTP 503", 3, "id")
    other = refusal(Reply("http://x/", 404, httpx.Headers(), json.dumps({"detail": "Not Found"}).encode(), "id"))
    assert other.code == "http-404"
