"""KEDA's user on the broker: it may count the lists that scale the workers, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from shared.broker.access import Part
from shared.broker.keys import Keyspace
from shared.broker.url import RedisUrl
from shared.contract.names import Lane
from tests.charts.redis_part import PASSWORD, PASSWORDS, running
from tests.charts.tools import of_kind, render
from tests.support.redis import available_servers

# What KEDA's scaler sends (redis_scaler.go): the length by the type of the key, which EVAL declares as its own.
_COUNT = """
local kind = redis.call('type', KEYS[1]).ok
local command = {list = 'llen', zset = 'zcard', hash = 'hlen', set = 'scard'}
return command[kind] and redis.call(command[kind], KEYS[1]) or 0
"""


@pytest.fixture(params=available_servers().items(), ids=lambda found: found[0])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Redis, Redis]]:
    """Give the broker as the chart starts it: everybody's connection, and KEDA's."""
    with (
        running("broker", tmp_path, request.param[1]) as port,
        Redis(port=port, password=PASSWORD) as everybody,
        Redis(port=port, username="keda", password=PASSWORDS[Part.KEDA]) as keda,
    ):
        yield everybody, keda


@pytest.mark.parametrize("service", ["project", "lab"])
def test_it_counts_what_scales_the_workers(broker: tuple[Redis, Redis], service: str) -> None:
    everybody, keda = broker
    keys = Keyspace(service)
    everybody.zadd(keys.backlog(Lane.INTERACTIVE), {"a": 1, "b": 2})
    everybody.hset(keys.job_chunks_running, "chunk", "lease")
    counts = [
        keda.eval(_COUNT, 1, key)
        for key in (keys.backlog(Lane.INTERACTIVE), keys.job_chunks_running, keys.job_chunks_waiting, keys.jobs_open)
    ]
    assert counts == [2, 1, 0, 0]


def test_it_reads_no_text_and_changes_nothing(broker: tuple[Redis, Redis]) -> None:
    everybody, keda = broker
    keys = Keyspace("project")
    everybody.hset(keys.job("id"), "texts", "private")
    forbidden = [
        ("EVAL", "return redis.call('hlen', KEYS[1])", 1, keys.job("id")),
        ("EVAL", "return redis.call('del', KEYS[1])", 1, keys.jobs_open),
        ("ZRANGE", keys.backlog(Lane.INTERACTIVE), 0, -1),
        ("GET", "anything"),
        ("KEYS", "*"),
        ("CONFIG", "GET", "*"),
    ]
    for command in forbidden:
        with pytest.raises(ResponseError, match=r"permissions|can.t run"):
            keda.execute_command(*command)  # type: ignore[no-untyped-call]


RESERVED = "a#b/c?d[e]f%g@h:i&j=k+l;m,n!o$p'q(r)s*t\"u\\v w\u00fc\u20ac"


@pytest.mark.parametrize("user", ["", "keda", "a#b%c"])
@pytest.mark.parametrize("scheme", ["redis", "rediss", "valkey", "valkeys"])
def test_keda_gets_the_password_of_an_external_broker_itself(tmp_path: Path, scheme: str, user: str) -> None:
    url = f"{scheme}://{quote(user, safe='')}:{quote(RESERVED, safe='')}@redis.example:6380"
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps({"broker": {"internal": False, "url": url}}), "utf-8")
    secrets = [
        s["stringData"] for s in of_kind(render("--values", str(file)), "Secret") if "address" in s["stringData"]
    ]
    assert secrets == [
        {
            "address": "redis.example:6380",
            "username": user,
            "password": RESERVED,
            "tls": "enable" if scheme in {"rediss", "valkeys"} else "disable",
        }
    ]
    assert RedisUrl.parse(url).password == RESERVED


def test_keda_gets_a_password_without_escapes_as_it_is(tmp_path: Path) -> None:
    password = "a:b!c$d&e'f(g)h*i+j,k;l=m~n_o.p-q"
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps({"broker": {"internal": False, "url": f"redis://:{password}@redis.example"}}), "utf-8")
    secrets = [
        s["stringData"] for s in of_kind(render("--values", str(file)), "Secret") if "address" in s["stringData"]
    ]
    assert [secret["password"] for secret in secrets] == [password]
