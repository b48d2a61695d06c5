"""Both Redis as the chart starts them, on each redis-server of this machine."""

from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from shared.stack.ports import free_port
from shared.stack.redis import find_server
from tests.charts.redis_part import PASSWORD, running, start
from tests.support.redis import available_servers

MIB = 1024**2


@pytest.mark.parametrize("binary", available_servers().values(), ids=available_servers())
@pytest.mark.parametrize(
    ("part", "policy", "append", "memory"),
    [("broker", "noeviction", "yes", 512 * MIB), ("cache", "allkeys-lfu", "no", 256 * MIB)],
)
def test_each_is_what_it_must_be(
    tmp_path: Path, part: str, policy: str, append: str, memory: int, binary: Path
) -> None:
    with running(part, tmp_path, binary) as port, Redis(port=port, password=PASSWORD) as client:
        wanted = {"maxmemory-policy": policy, "appendonly": append, "maxmemory": str(memory), "save": ""}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
        with Redis(port=port) as anonymous, pytest.raises(AuthenticationError):
            anonymous.ping()


@pytest.mark.parametrize("password", ["", "with space", "a@b", "a$(id)"])
def test_a_password_that_would_break_a_url_is_refused(tmp_path: Path, password: str) -> None:
    child = start("broker", tmp_path, find_server(), free_port(), KEDA_PASSWORD=password)
    _, said = child.communicate(timeout=10)
    assert child.returncode
    assert said == "a password of Redis must be letters and digits: it becomes part of a URL\n"
