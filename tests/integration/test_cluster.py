"""A Redis Cluster is refused by name, on every Redis."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker.role import Role
from shared.broker.url import RedisUrl
from tests.support.redis import RedisServer, available_servers

SERVERS = available_servers()
HIGHEST = 2**16 - 10_000
"""Ports from here on leave no room for the cluster's own port, which is 10,000 higher."""
PARTS = {
    "api": (["api"], Role.BROKER),
    "worker": (["worker", "run"], Role.CACHE),
    "flower": (["worker", "flower"], Role.BROKER),
    "wait": (["shared.wait"], Role.CACHE),
}


@pytest.fixture(scope="module", params=sorted(SERVERS))
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server in cluster mode, of which only the default user is known."""
    folder, mode = tmp_path_factory.mktemp("cluster"), "cluster-enabled yes\n"
    made = (RedisServer(Role.BROKER, folder, SERVERS[request.param], more=mode, product=False) for _ in range(100))
    server = next(one for one in made if RedisUrl.parse(one.url).port < HIGHEST)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("part", PARTS)
def test_each_part_refuses_a_cluster_in_one_sentence(cluster: RedisServer, part: str) -> None:
    arguments, role = PARTS[part]
    nothing = "redis://127.0.0.1:1/0"  # a server that is not there is no reason to end
    urls = {f"SENTIMENT_{each.upper()}_URL": cluster.url if each is role else nothing for each in Role}
    if part == "wait":
        del urls["SENTIMENT_BROKER_URL"]
    ended = subprocess.run(
        [sys.executable, "-m", *arguments],
        env={"PYTHONPATH": str(Path.cwd())} | os.environ | urls | {"SENTIMENT_FLOWER_PASSWORD": "open"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    reason = "it is a Redis Cluster, and the product needs all keys on one server: disable cluster mode"
    assert (ended.returncode, ended.stderr) == (2, f"error: SENTIMENT_{role.upper()}_URL: {reason}\n")
