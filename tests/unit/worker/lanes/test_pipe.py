"""The worker's pipelined connection, on a real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from shared.broker.keys import Keyspace
from shared.broker.scripts import fleet
from tests.support.redis import RedisServer
from worker.lanes.pipe import Pipe


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer("broker", tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def pipe(server: RedisServer) -> Pipe:
    return Pipe(Redis.from_url(server.url, socket_timeout=2, protocol=2))


def test_replies_come_in_the_order_of_the_commands(pipe: Pipe) -> None:
    for number in range(100):
        pipe.send("ECHO", number)
    assert pipe.collect() == [b"%d" % number for number in range(100)]
    assert pipe.collect() == []


def test_a_dead_connection_is_made_anew_once(server: RedisServer, pipe: Pipe) -> None:
    assert pipe.exchange(lambda: pipe.send("PING")) == [b"PONG"]
    with server.client() as redis:
        redis.client_kill_filter(_type="normal", skipme=True)
    assert pipe.exchange(lambda: pipe.send("PING")) == [b"PONG"]
    server.kill()
    with pytest.raises(RedisError):
        pipe.exchange(lambda: pipe.send("PING"))
    server.start()
    assert pipe.exchange(lambda: pipe.send("PING")) == [b"PONG"]


def test_a_script_that_the_server_has_forgotten_is_sent_again(server: RedisServer, pipe: Pipe) -> None:
    def leave() -> None:
        pipe.send_call(fleet.leave(Keyspace("test"), process_id="me"))

    assert pipe.exchange(leave) == [None]
    with server.client() as redis:
        redis.script_flush()
    assert pipe.exchange(leave) == [None]


def test_a_refusal_ends_what_is_owed(pipe: Pipe) -> None:
    pipe.send("NO-SUCH-COMMAND")
    pipe.send("ECHO", "after")
    with pytest.raises(ResponseError):
        pipe.collect()
    pipe.send("ECHO", "anew")
    assert pipe.collect() == [b"anew"]


def test_an_exchange_does_not_take_another_commands_reply(pipe: Pipe) -> None:
    pipe.send("ECHO", "forgotten")
    assert pipe.exchange(lambda: pipe.send("ECHO", "mine")) == [b"mine"]
