"""The users of both Redis, on every Redis: each may do what its part needs, and is denied everything else."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from shared.broker.access import Part
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.contract.names import Lane
from tests.support.redis import RedisServer, available_servers
from tests.support.users import url_of, user_lines

SERVERS = available_servers()
KEYS = Keyspace("project")
OTHER = Keyspace("lab")

ADMINISTRATION: Final = (
    "FLUSHALL", "FLUSHDB", "KEYS *", "SCAN 0", "RANDOMKEY", "DBSIZE", "CONFIG GET *", "CONFIG SET maxmemory 1",
    "DEBUG SLEEP 0", "SAVE", "BGREWRITEAOF", "SHUTDOWN NOSAVE", "REPLICAOF NO ONE", "ACL LIST", "ACL SETUSER x on",
    "ACL WHOAMI", "CLIENT LIST", "CLIENT KILL TYPE normal", "CLIENT PAUSE 1", "MONITOR", "SLOWLOG GET", "SCRIPT FLUSH",
    "MEMORY DOCTOR", "LATENCY DOCTOR", "MODULE LIST", "SWAPDB 0 1", "COMMAND COUNT", "PUBSUB CHANNELS", "SYNC", "ROLE",
)  # fmt: skip
"""Commands that no part may use."""
OWN: Final[dict[tuple[Role, Part], tuple[str, ...]]] = {
    (Role.BROKER, Part.API): (
        f"GET {KEYS.job_secret}",
        f"HGET {KEYS.job('id')} owner",
        f"LPUSH {KEYS.queue(Lane.BULK)} message",
        f"SUBSCRIBE {KEYS.replies('one')} {KEYS.events} {KEYS.job_events}",
        "INFO memory",
    ),
    (Role.BROKER, Part.WORKER): (
        f"HGETALL {KEYS.workers}",
        f"INCRBY {KEYS.tries('text')} 1",
        f"LMOVE {KEYS.queue(Lane.INTERACTIVE)} {KEYS.taken('message')} RIGHT LEFT",
        f"PUBLISH {KEYS.replies('one')} result",
        "BRPOP project:interactive project:bulk 0.01",
        "PSUBSCRIBE project:/0.celery.pidbox",
        "PUBLISH project:/0.celeryev/task.succeeded event",
    ),
    (Role.BROKER, Part.FLOWER): (
        f"LLEN {KEYS.queue(Lane.BULK)}",
        "PSUBSCRIBE project:/0.celeryev/*",
        "BRPOP project:0a.reply.celery.pidbox 0.01",
    ),
    (Role.BROKER, Part.KEDA): (f"ZCARD {KEYS.jobs_open}", f"HLEN {KEYS.job_chunks_running}"),
    (Role.CACHE, Part.API): (f"MGET {KEYS.answer('text')}", f"HGET {KEYS.quota('client')} at", "INFO memory"),
    (Role.CACHE, Part.WORKER): (f"SET {KEYS.answer('text')} record EX 1",),
}
"""Commands of each user that succeed."""
OTHERS: Final[dict[tuple[Role, Part], tuple[str, ...]]] = {
    (Role.BROKER, Part.API): (
        f"LRANGE {KEYS.taken('message')} 0 -1",
        f"HSET {KEYS.models} version 1",
        "BRPOP project:interactive 1",
        "SMEMBERS project:_kombu.binding.celery.pidbox",
        "PUBLISH project:/0.celery.pidbox shutdown",
        "PSUBSCRIBE *",
    ),
    (Role.BROKER, Part.WORKER): (
        f"GET {KEYS.job_secret}",
        f"SUBSCRIBE {OTHER.replies('one')}",
        "PSUBSCRIBE project:*",
        "PSUBSCRIBE lab:/0.celery.pidbox",
    ),
    (Role.BROKER, Part.FLOWER): (
        f"HGETALL {KEYS.job('id')}",
        f"DEL {KEYS.workers}",
        f"SUBSCRIBE {KEYS.replies('one')}",
        f"PUBLISH {KEYS.replies('one')} forged",
        "HGETALL project:workers",
    ),
    (Role.BROKER, Part.KEDA): (f"ZRANGE {KEYS.jobs_open} 0 -1", f"LLEN {KEYS.queue(Lane.BULK)}", "PUBLISH any thing"),
    (Role.CACHE, Part.API): (f"SET {KEYS.answer('text')} forged", f"DEL {KEYS.answer('text')}"),
    (Role.CACHE, Part.WORKER): (f"DEL {KEYS.answer('text')}", f"HSET {KEYS.stats} 1 1", f"MGET {KEYS.quota('client')}"),
}  # fmt: skip
"""Commands of each user that are denied, though another user may send them."""


@pytest.fixture(scope="module", params=sorted(SERVERS))
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Role, RedisServer]]:
    """Both Redis of the service `project`."""
    folder = tmp_path_factory.mktemp("redis")
    found = {
        role: RedisServer(role, folder / role, SERVERS[request.param], more=user_lines(role, "project"), product=False)
        for role in Role
    }
    for server in found.values():
        server.start()
    yield found
    for server in found.values():
        server.stop()


@pytest.fixture(params=OWN, ids="-".join)
def user(request: pytest.FixtureRequest, servers: dict[Role, RedisServer]) -> Iterator[tuple[tuple[Role, Part], Redis]]:
    """A user, and a client that is logged in as it."""
    role, part = request.param
    with Redis.from_url(url_of(part, servers[role].url), socket_timeout=5, driver_info=None, protocol=2) as client:
        yield request.param, client


def send(client: Redis, line: str) -> Any:
    sent: Any = client.execute_command(*line.split())  # type: ignore[no-untyped-call]
    return sent


def test_it_may_do_what_its_part_needs(user: tuple[tuple[Role, Part], Redis]) -> None:
    name, client = user
    for line in OWN[name]:
        send(client, line)
        client.connection_pool.disconnect()  # a subscription would refuse the next command


def test_it_is_denied_everything_else(user: tuple[tuple[Role, Part], Redis]) -> None:
    name, client = user
    strangers = (
        "GET stranger",
        f"GET {OTHER.job_secret}",
        f"HGETALL {OTHER.job('id')}",
        f"MGET {OTHER.answer('text')}",
    )
    for line in (*ADMINISTRATION, *OTHERS[name], *strangers):
        with pytest.raises(ResponseError, match=r"permissions|DEBUG command not allowed"):  # 7.0 has both locks
            send(client, line)


def test_a_script_may_do_no_more_than_its_user(user: tuple[tuple[Role, Part], Redis]) -> None:
    _, client = user
    for body in (f"return redis.call('HGET', '{OTHER.workers}', 'x')", "return redis.call('FLUSHALL')"):
        with pytest.raises(ResponseError, match=r"permission|can.t run|access"):
            client.eval(body, 0)
