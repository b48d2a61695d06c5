"""The worker's view of the cache, on a real Redis that freezes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from shared.broker.keys import Keyspace
from shared.contract.record import Facts, Record
from tests.support.redis import RedisServer
from worker.lanes.answers import AnswerStore
from worker.presence.metrics import Counts

ONE = Record(b"[1]", Facts(0).encode())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer("cache", tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(server: RedisServer) -> AnswerStore:
    redis = Redis.from_url(server.url, socket_timeout=0.2, socket_connect_timeout=0.2, protocol=2)
    return AnswerStore(redis, Keyspace("test"), 60, Counts())


@pytest.mark.parametrize("connected", [True, False])
def test_a_frozen_cache_is_waited_for_once(server: RedisServer, store: AnswerStore, *, connected: bool) -> None:
    if connected:
        store.store({"v:one": ONE})
        assert store.look_up(["v:one"]) == [ONE]
    before = connections(server)
    server.pause()
    assert store.look_up(["v:one", "v:two"]) == [None, None]
    store.store({"v:two": ONE})
    server.resume()
    own = 1  # that of the look at the counter
    assert connections(server) - before == own + (not connected)


def test_a_lost_connection_is_made_anew(server: RedisServer, store: AnswerStore) -> None:
    store.store({"v:one": ONE})
    assert store.look_up(["v:one"]) == [ONE]
    with server.client() as redis:
        redis.client_kill_filter(_type="normal", skipme=True)
    assert store.look_up(["v:one"]) == [ONE]


def connections(server: RedisServer) -> int:
    """Return how many connections the server has accepted, this one included."""
    with server.client() as redis:
        return int(redis.info("stats")["total_connections_received"])
