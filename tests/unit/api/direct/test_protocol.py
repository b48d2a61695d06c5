"""A request in pieces: a hit that is waited for a little while, one that is answered later, or one for the routes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from api.direct.answer import Answer
from api.direct.protocol import DirectProtocol
from api.security.headers import Header

BODY = b'{"text": "Lovely."}'
HEAD = b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % len(BODY)
FULL = b'{"text": "Refuse."}'
HIT = b"content-length: 2\r\n\r\n{}"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n"
ANSWER = Answer(200, b"content-length: 2\r\n", b"{}")
REFUSAL = Answer(503, b"content-length: 0\r\n", b"")


class Decision:
    """The future of an answer."""

    def __init__(self) -> None:
        self.act: Callable[[Any], None] = lambda _: None
        self.outcome: Answer | Exception = REFUSAL
        self.ended = False

    def add_done_callback(self, act: Callable[[Any], None]) -> None:
        self.act = act

    def settle(self, outcome: Answer | Exception) -> None:
        self.outcome = outcome
        self.act(self)

    def cancelled(self) -> bool:
        return self.ended

    def exception(self) -> Exception | None:
        return self.outcome if isinstance(self.outcome, Exception) else None

    def result(self) -> Answer:
        assert not isinstance(self.outcome, Exception)
        return self.outcome


class Answerer:
    """Answers the target /predict for one body, and decides later on another one."""

    targets = frozenset({b"/predict"})

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.decision = Decision()

    def answer(self, _target: bytes, _headers: Sequence[Header], body: bytes) -> Answer | Decision | None:
        self.seen.append(body)
        if body == FULL:
            return self.decision
        return ANSWER if body == BODY else None


class Service:
    draining = False


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__({"peername": ("10.0.0.1", 1), "sockname": ("10.0.0.2", 80)})
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


class Timer:
    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self.seconds, self.act, self.canceled = seconds, act, False

    def cancel(self) -> None:
        self.canceled = True


class Done:
    """A task that has ended."""

    def add_done_callback(self, act: Callable[..., None]) -> None: ...


class Loop:
    """Keeps timers and tasks instead of running them."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []
        self.tasks = 0

    def call_later(self, seconds: float, act: Callable[[], None], *_: Any) -> Timer:
        self.timers.append(Timer(seconds, act))
        return self.timers[-1]

    def create_task(self, work: Any, **_: Any) -> Any:
        work.close()
        self.tasks += 1
        return Done()

    @property
    def waits(self) -> list[Timer]:
        """The timers for a request's rest that still run; keep-alive takes seconds."""
        return [timer for timer in self.timers if timer.seconds < 1 and not timer.canceled]


class Connection:
    def __init__(self) -> None:
        self.loop, self.answerer, self.service, self.transport = Loop(), Answerer(), Service(), Transport()
        config = uvicorn.Config(lambda: None, loop="none", http="httptools", log_config=None)
        config.load()
        self.protocol = DirectProtocol(
            self.answerer,  # type: ignore[arg-type]
            self.service,
            config=config,
            server_state=ServerState(),
            app_state={},
            _loop=self.loop,
        )
        self.protocol.connection_made(self.transport)

    def receive(self, *segments: bytes) -> None:
        for segment in segments:
            self.protocol.data_received(segment)


@pytest.fixture
def connection() -> Connection:
    return Connection()


@pytest.mark.parametrize("cut", range(1, len(HEAD + BODY)))
def test_a_hit_in_two_segments_is_answered_without_a_task(connection: Connection, cut: int) -> None:
    whole = HEAD + BODY
    connection.receive(whole[:cut], whole[cut:])
    assert connection.transport.written.endswith(HIT)
    assert (connection.loop.tasks, connection.loop.waits) == (0, [])


def test_byte_by_byte_on_one_connection(connection: Connection) -> None:
    for _ in range(3):
        connection.receive(*(bytes([byte]) for byte in HEAD + BODY))
    assert connection.transport.written.count(HIT) == 3
    assert (connection.loop.tasks, connection.loop.waits) == (0, [])


def test_what_does_not_come_in_time_is_started(connection: Connection) -> None:
    connection.receive(HEAD, BODY[:5])
    (timer,) = connection.loop.waits
    assert connection.loop.tasks == 0
    timer.act()
    assert connection.loop.tasks == 1
    connection.receive(BODY[5:])
    assert (connection.answerer.seen, connection.transport.written) == ([], b"")


def test_a_miss_is_started_when_it_is_whole(connection: Connection) -> None:
    connection.receive(HEAD, BODY.replace(b"Lovely", b"Unheld"))
    assert (connection.loop.tasks, connection.loop.waits) == (1, [])


def test_a_long_body_is_not_waited_for(connection: Connection) -> None:
    connection.receive(HEAD.replace(b"Length: %d" % len(BODY), b"Length: 200000"), b"x" * 70_000)
    assert (connection.loop.tasks, connection.loop.waits) == (1, [])


@pytest.mark.parametrize("header", [b"Expect: 100-continue", b"Connection: close"])
def test_what_cannot_be_a_hit_is_not_waited_for(connection: Connection, header: bytes) -> None:
    connection.receive(HEAD.replace(b"\r\n\r\n", b"\r\n%b\r\n\r\n" % header))
    assert (connection.loop.tasks, connection.loop.waits) == (1, [])


def test_another_path_is_not_waited_for(connection: Connection) -> None:
    connection.receive(HEAD.replace(b"/predict", b"/jobs"))
    assert (connection.loop.tasks, connection.loop.waits) == (1, [])


def test_the_wait_ends_with_the_connection(connection: Connection) -> None:
    connection.receive(HEAD)
    connection.protocol.connection_lost(None)
    assert (connection.loop.tasks, connection.loop.waits) == (0, [])


def test_a_process_that_stops_meanwhile_answers_by_the_routes(connection: Connection) -> None:
    connection.receive(HEAD)
    connection.protocol.shutdown()
    connection.receive(BODY)
    assert (connection.loop.tasks, connection.answerer.seen) == (1, [])
    another = Connection()
    another.receive(HEAD)
    another.service.draining = True
    another.receive(BODY)
    assert (another.loop.tasks, another.answerer.seen) == (1, [])
    assert not another.protocol.cycle.keep_alive


def test_what_cannot_be_read_is_refused_at_once(connection: Connection) -> None:
    chunked = HEAD.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked")
    connection.receive(chunked, b"not a size\r\n")
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")
    assert connection.loop.waits == []


@pytest.fixture
def refused(connection: Connection) -> Connection:
    """A connection with a request that is answered later."""
    connection.receive(HEAD, FULL)
    assert (connection.loop.tasks, connection.loop.waits, connection.transport.written) == (0, [], b"")
    return connection


def test_a_refusal_is_written_without_a_task(refused: Connection) -> None:
    refused.answerer.decision.settle(REFUSAL)
    assert refused.transport.written == REFUSED + b"\r\n"
    refused.receive(HEAD + BODY)
    assert refused.transport.written.endswith(HIT)
    assert (refused.loop.tasks, refused.transport.closed) == (0, False)


def test_an_answer_that_fails_is_logged_and_ends_the_connection(
    refused: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        refused.answerer.decision.settle(RuntimeError("unexpected"))
    assert (refused.loop.tasks, refused.transport.written, refused.transport.closed) == (0, b"", True)
    assert "unexpected" in caplog.text


def test_later_requests_wait_for_the_decision(refused: Connection) -> None:
    refused.receive(HEAD + BODY)
    assert (refused.loop.tasks, refused.transport.written) == (0, b"")
    refused.answerer.decision.settle(REFUSAL)
    assert (refused.loop.tasks, refused.transport.written) == (1, REFUSED + b"\r\n")


def test_a_refusal_closes_the_connection_of_a_process_that_stops(connection: Connection) -> None:
    another = Connection()
    for opened, stop in ((connection, connection.protocol.shutdown), (another, lambda: None)):
        opened.receive(HEAD, FULL)
        stop()
        opened.service.draining = opened is another
        opened.answerer.decision.settle(REFUSAL)
        assert opened.transport.written == REFUSED + b"connection: close\r\n\r\n"
        assert opened.transport.closed


def test_a_refusal_comes_before_the_end_after_what_cannot_be_read(refused: Connection) -> None:
    refused.receive(b"not a request\r\n\r\n")
    refused.answerer.decision.settle(REFUSAL)
    assert refused.transport.written == REFUSED + b"connection: close\r\n\r\n"
    assert refused.transport.closed


def test_nothing_is_written_to_a_lost_connection(refused: Connection) -> None:
    refused.protocol.connection_lost(None)
    refused.answerer.decision.settle(REFUSAL)
    assert (refused.loop.tasks, refused.transport.written) == (0, b"")


def test_nothing_is_written_when_the_process_ends(refused: Connection) -> None:
    refused.answerer.decision.ended = True
    refused.answerer.decision.settle(REFUSAL)
    assert (refused.loop.tasks, refused.transport.written) == (0, b"")
