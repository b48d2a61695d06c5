"""A request in pieces: waited for a little while it may be a hit, then started as any other."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from api.hit_path.protocol import HitProtocol
from api.security.headers import Header

BODY = b'{"text": "Lovely."}'
HEAD = b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % len(BODY)
HIT = b"content-length: 2\r\n\r\n{}"


class Answerer:
    """Answers the path /predict for one body."""

    paths = frozenset({"/predict"})

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def answer(self, _path: str, _headers: Sequence[Header], body: bytes) -> bytes | None:
        self.seen.append(body)
        return HIT if body == BODY else None


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
        self.protocol = HitProtocol(
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
