from dataclasses import replace

import pytest

from shared.broker.info import RedisInfo, find_flaws
from shared.broker.role import Role

BROKER = RedisInfo.parse({"maxmemory": 2**29, "maxmemory_policy": "noeviction", "aof_enabled": 1, "role": "master"})
CACHE = replace(BROKER, policy="allkeys-lfu", append_only=False)


def test_what_the_product_sets_up_has_no_flaw() -> None:
    assert find_flaws(Role.BROKER, BROKER) == []
    assert find_flaws(Role.CACHE, CACHE) == []


def test_without_a_limit_the_policy_means_nothing() -> None:
    assert find_flaws(Role.BROKER, replace(BROKER, policy="volatile-lru", memory_limit=0)) == []
    assert find_flaws(Role.CACHE, replace(CACHE, policy="noeviction", memory_limit=0)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(BROKER, policy="volatile-lru"), "once 512 MiB are full it throws away work"),
        (replace(BROKER, append_only=False), "jobs that were accepted are lost when it ends"),
        (replace(BROKER, write_ok=False), "is its disk full?"),
        (replace(BROKER, replica=True), "name the primary in SENTIMENT_BROKER_URL"),
        (replace(BROKER, cluster=True), "it is a Redis Cluster"),
        (replace(BROKER, policy_told=False), "maxmemory-policy cannot be checked"),
    ],
)
def test_a_brokers_flaws_say_what_they_mean(wrong: RedisInfo, said: str) -> None:
    (flaw,) = find_flaws(Role.BROKER, wrong)
    assert said in flaw


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(CACHE, policy="noeviction"), "it keeps no new answer"),
        (replace(CACHE, replica=True), "name the primary in SENTIMENT_CACHE_URL"),
    ],
)
def test_a_caches_flaws_say_what_they_mean(wrong: RedisInfo, said: str) -> None:
    (flaw,) = find_flaws(Role.CACHE, wrong)
    assert said in flaw


def test_a_server_that_tells_nothing_is_read_all_the_same() -> None:
    assert RedisInfo.parse({}).memory == 0
    assert RedisInfo.parse({}).write_ok
