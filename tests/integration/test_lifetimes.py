"""The lifetimes of keys: what is written together with its end of life, and the check that every test runs."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis
from redis.exceptions import RedisError

from api.jobs.ledger import Ledger
from shared.broker.connect import Server
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.broker.url import RedisUrl
from shared.contract.errors import BrokerUnavailableError
from shared.contract.jobs import Chunk
from shared.contract.names import Lane
from tests.support.keys import find_flaws
from tests.support.redis import RedisServer
from worker.engines.guarded import GuardedEngine
from worker.lanes.inference import Inference, Text
from worker.presence.metrics import Counts

KEYS = Keyspace("test")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A broker that refuses EXPIRE, as a connection that breaks just before it would."""
    server = RedisServer("broker", tmp_path, more="user default on nopass ~* &* +@all -expire\n")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(server: RedisServer) -> Iterator[Redis]:
    with server.client() as client:
        yield client


def test_texts_are_staged_with_the_end_of_their_life_or_not_at_all(server: RedisServer, redis: Redis) -> None:
    async def stage() -> None:
        async with Server(RedisUrl.parse(server.url)).asyncio_client(5) as client:
            ledger = Ledger(client, KEYS, limit=5, most=1, keep=1)
            with pytest.raises(BrokerUnavailableError):
                await ledger.stage("job", [Chunk(0, 1, 1, ("text",))])

    asyncio.run(stage())
    assert redis.keys() == []


def test_tries_are_counted_with_the_end_of_their_life_or_not_at_all(redis: Redis) -> None:
    class Model:
        version = "v"

    inference = Inference(cast("GuardedEngine", Model()), Lane.BULK, redis, KEYS, Counts())
    with pytest.raises(RedisError):
        inference.run([Text("v:text", "text", 8, alone=True)])
    assert redis.keys() == []


def flaws(redis: Redis, name: str, value: Any = "x", role: Role = Role.BROKER) -> list[str]:
    redis.flushall()
    if isinstance(value, dict):
        redis.hset(name, mapping=value)
    else:
        redis.set(name, value)
    found = find_flaws(redis, role)
    redis.flushall()
    return found


def test_the_check_finds_what_stays_for_ever(redis: Redis) -> None:
    assert flaws(redis, KEYS.job_bytes) == []
    assert flaws(redis, KEYS.tries("k")) == ["test:tries:k should be expiring and has no time to live"]
    assert flaws(redis, KEYS.claim("v:k"), {"until": 1}) == [
        "test:claim:v:k should be expiring and has no time to live"
    ]
    assert flaws(redis, KEYS.job_results("j"), {0: "[]"}) == [
        "test:job:j:results should be job and has no time to live"
    ]
    assert flaws(redis, KEYS.queue(Lane.BULK)) == ["test:bulk (string) is in no table"]
    assert flaws(redis, KEYS.answer("k")) == ["test:answer:k (string) is in no table"]
    assert flaws(redis, KEYS.answer("k"), role=Role.CACHE) == [
        "test:answer:k should be expiring and has no time to live"
    ]
    assert flaws(redis, "stranger") == ["stranger (string) is in no table"]


def test_the_check_lets_an_unfinished_jobs_keys_stay(redis: Redis) -> None:
    redis.zadd(KEYS.jobs_open, {"j": 1})
    redis.hset(KEYS.job("j"), mapping={"status": "queued"})
    redis.set(KEYS.idempotency("k"), "digest j")
    assert find_flaws(redis, Role.BROKER) == []
