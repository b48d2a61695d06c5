"""The wait for replicas before a job is answered with 202."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from api.jobs.replicas import Replicas
from shared.broker.connect import Server
from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Call, Script
from shared.broker.url import RedisUrl
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.redis import RedisServer, available_servers
from tests.support.sentinel import FailoverBroker
from tests.support.service import Service
from tests.support.waiting import wait_for

SERVERS = available_servers()
KEYS = Keyspace("test")
Pair = tuple[RedisServer, RedisServer]


class _Write(Script):
    """A script that writes a key."""

    def __init__(self) -> None:
        self.source = "redis.call('SET', KEYS[1], 1, 'EX', 60) return 1"


@pytest.fixture(params=sorted(SERVERS))
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """A primary and its replica, of each version of Redis."""
    primary = RedisServer("broker", tmp_path / "primary", SERVERS[request.param])
    primary.start()
    more = f"replicaof 127.0.0.1 {primary.port}\nrepl-diskless-sync-delay 0\n"
    replica = RedisServer("broker", tmp_path / "replica", SERVERS[request.param], more=more, product=False)
    replica.start()
    yield primary, replica
    replica.stop()
    primary.stop()


def test_a_write_is_confirmed_by_a_replica_that_has_it(pair: Pair) -> None:
    primary, replica = pair
    write = Call(_Write(), [KEYS.tries("text")], [], int)

    async def scenario() -> None:
        async with Server(RedisUrl.parse(primary.url)).asyncio_client(5) as client:
            patient, strict = Replicas(1, 4.0), Replicas(2, 0.05)
            assert (await patient.run(client, write))[1]
            assert await patient.confirm(client, KEYS.job_events, "id")
            assert not (await strict.run(client, write))[1]
            assert not await strict.confirm(client, KEYS.job_events, "id")
            replica.pause()
            short = Replicas(1, 0.05)
            assert not (await short.run(client, write))[1]
            assert not await short.confirm(client, KEYS.job_events, "id")
            assert (await Replicas(0, 0).run(client, write))[1]
            replica.resume()
            assert await patient.confirm(client, KEYS.job_events, "id")

    asyncio.run(scenario())


def test_a_job_that_no_replica_has_is_answered_by_an_unknown_outcome_and_made_once(
    broker: FailoverBroker, service: Service
) -> None:
    service.start_worker()
    api = service.start_api(broker_timeout="3")
    key = {"Idempotency-Key": uuid4().hex}
    wait_for(api.healthy, "the whole path")
    replicas = [server for server in broker.servers if server is not broker.primary]
    for replica in replicas:
        replica.pause()
    for _ in range(2):
        unknown = submit(api, ["once"], **key)
        assert (unknown.status_code, unknown.json()["type"]) == (503, "urn:sentiment:problem:outcome-unknown")
        assert unknown.headers["retry-after"] == "1"
    for replica in replicas:
        replica.resume()
    accepted = wait_for(lambda: found if (found := submit(api, ["once"], **key)).status_code == 202 else None, "it")
    assert accepted.headers["idempotency-replayed"] == "true"
    assert finished(api, accepted.json())["status"] == "succeeded"
    results = api.client.get(accepted.json()["urls"]["results"]).json()["predictions"]
    assert results == [expected("once")]
    assert service.count("once") == 1
    with service.broker.client() as redis:
        assert len(list(redis.scan_iter(service.keys.idempotency("*")))) == 1
