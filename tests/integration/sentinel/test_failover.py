"""A planned failover, which the Sentinels begin on command, under a service whose every part is connected."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from api.redis.link import Address, Link
from shared.broker.connect import Server
from shared.broker.keys import Keyspace
from shared.broker.url import RedisUrl
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.scrape import total
from tests.support.sentinel import FailoverBroker
from tests.support.service import Service
from tests.support.waiting import wait_for

TRIES = Keyspace("test").tries


def test_every_part_follows_the_new_primary(broker: FailoverBroker, service: Service) -> None:
    worker, api = service.start_worker(), service.start_api()
    assert api.predict("before").json()["predictions"] == [expected("before")]
    before = finished(api, submit(api, ["a job before"]).json())
    old = broker.primary
    broker.fail_over()
    wait_for(lambda: api.predict("after").status_code == 200, "a miss to be answered")
    with old.client() as redis:
        wait_for(lambda: not redis.pubsub_channels(service.keys.replies("*")), "the subscription to leave")
        assert redis.role()[0] == b"master", "before the Sentinels close the connections of its clients"
    broker.settle()
    assert finished(api, submit(api, ["a job after"]).json())["status"] == "succeeded"
    kept = api.client.get(before["urls"]["results"]).json()["predictions"]
    assert kept == [expected("a job before")]
    wait_for(api.healthy, "every part to be well")
    assert total(api.url, "sentiment_failovers_total", part="broker") == 1
    assert worker.alive
    assert api.process.alive
    assert "hush" not in worker.output + api.process.output


def test_clients_leave_a_server_that_has_become_a_replica(broker: FailoverBroker) -> None:
    broker.start()
    server = Server(RedisUrl.parse(broker.url))
    replica = next(candidate for candidate in broker.servers if candidate is not broker.primary)

    async def scenario() -> None:
        link = Link(Address(server), 5)
        with server.blocking_client(5) as blocking, broker.primary.client() as primary:
            async with server.asyncio_client(5) as client:

                async def ask_blocking(*command: str) -> Any:
                    return blocking.execute_command(*command)

                asks: Sequence[Callable[..., Awaitable[Any]]] = (link.call, client.execute_command, ask_blocking)
                before = [await ask("CLIENT", "ID") for ask in asks]
                primary.replicaof(replica.host.address, replica.port)  # the Sentinels would close all connections
                for ask in asks:
                    with pytest.raises(RedisError):
                        await ask("SET", TRIES("a"), "1", "EX", "60")
                primary.replicaof("NO", "ONE")
                # It takes no write before the other replica is good again.
                await asyncio.to_thread(wait_for, lambda: _good_replicas(primary), "a replica")
                for ask, connection in zip(asks, before, strict=True):
                    assert await ask("SET", TRIES("a"), "1", "EX", "60")
                    assert await ask("CLIENT", "ID") != connection
        link.close()

    asyncio.run(scenario())


def _good_replicas(primary: Redis) -> int:
    info: Any = primary.info("replication")
    return int(info["min_slaves_good_slaves"])


def test_a_sentinel_that_does_not_answer_costs_one_wait(broker: FailoverBroker) -> None:
    broker.start()
    url = RedisUrl.parse(broker.url)
    assert url.sentinels
    with socket.create_server(("127.0.0.1", 0)) as silent:
        addresses = (("127.0.0.1", silent.getsockname()[1]), *url.sentinels.addresses)
        server = Server(replace(url, sentinels=replace(url.sentinels, addresses=addresses)))

        async def scenario() -> None:
            find = server.finder()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await find()
            primary = ("127.0.0.1", broker.primary.port)
            assert [await find() for _ in range(2)] == [primary, primary]
            silent.settimeout(5)
            silent.accept()[0].close()
            silent.settimeout(0)
            with pytest.raises(BlockingIOError):
                silent.accept()

        asyncio.run(scenario())


@pytest.mark.parametrize("options", ["master=another", "master=sentiment&sentinel_password=wrong"])
def test_a_wrong_name_or_password_is_an_error_of_redis(broker: FailoverBroker, options: str) -> None:
    broker.start()
    server = Server(RedisUrl.parse(f"{broker.url.partition('?')[0]}?{options}"))

    async def scenario() -> None:
        with pytest.raises(RedisError):
            await server.finder()()
        with server.blocking_client(5) as client, pytest.raises(RedisError):
            client.ping()

    asyncio.run(scenario())
