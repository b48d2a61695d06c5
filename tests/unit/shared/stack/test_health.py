import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from threading import Thread

import pytest

from shared.stack.errors import StackError
from shared.stack.health import missing, until_healthy
from shared.stack.output import Output
from shared.stack.ports import free_port


@contextmanager
def server(*answers: bytes) -> Iterator[str]:
    """Answer one connection after the other with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(30)


def answer(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (answer("200 OK", "{}"), ""),
        (answer("503 Service Unavailable", '{"detail": "no worker"}'), "no worker"),
        (answer("500 Internal Server Error", "oops"), "the API answers 500"),
        (answer("502 Bad Gateway", "[]"), "the API answers 502"),
        (b"", "the API does not answer yet"),
        (b"no HTTP at all\r\n\r\n", "the API does not answer yet"),
        (answer("200 OK", "{}")[:-1], "the API does not answer yet"),
    ],
)
def test_what_is_missing(sent: bytes, said: str) -> None:
    with server(sent) as url:
        assert missing(url) == said


def test_nobody_listens() -> None:
    assert missing(f"http://127.0.0.1:{free_port()}") == "the API does not answer yet"


def test_waiting_says_what_is_missing_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stack.health._PROGRESS_SECONDS", -1)
    stream = StringIO()
    with server(answer("503 Service Unavailable", '{"detail": "no worker"}'), answer("200 OK", "{}")) as url:
        asyncio.run(until_healthy(url, Output(stream, [])))
    assert stream.getvalue() == "stack | waiting: no worker\n"


def test_giving_up_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stack.health._LIMIT_SECONDS", -1)
    with (
        server(answer("503 Service Unavailable", '{"detail": "no worker"}')) as url,
        pytest.raises(StackError, match=r"not healthy .* no worker"),
    ):
        asyncio.run(until_healthy(url, Output(StringIO(), [])))
