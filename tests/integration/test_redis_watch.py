"""The service's report on its Redis, on real servers with real settings."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.process import Process
from tests.support.redis import available_servers
from tests.support.scrape import scrape, total
from tests.support.service import PRODUCT_CACHE_TIMEOUT, Api, Service
from tests.support.waiting import wait_for

SERVERS = available_servers()
EVICTING = "maxmemory-policy volatile-lru\n"
FORGETFUL = "appendonly no\n"
STUBBORN = "maxmemory-policy noeviction\n"
SILENT = "user default on nopass ~* &* +@all -info\n"

Make = Callable[..., Service]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Start two Redis with settings of the test's own."""
    services: list[Service] = []

    def start(*, broker: str = "", cache: str = "", users: bool = True) -> Service:
        services.append(Service(tmp_path, broker=broker, cache=cache, users=users))
        return services[-1]

    yield start
    for service in services:
        service.stop()


def _said(process: Process) -> list[str]:
    return re.findall(r'"message": "((?:broker|cache) is not safe[^"]*|[^"]* cannot be checked[^"]*)"', process.output)


def _has_said(process: Process, count: int) -> bool:
    return len(_said(process)) == count


def _checked(api: Api) -> bool:
    return (
        total(api.url, "sentiment_redis_uptime_seconds") >= 0 and len(scrape(api.url)["sentiment_redis_clients"]) == 2
    )


def test_what_the_product_sets_up_itself_is_safe(service: Service) -> None:
    api, worker = service.start_api(), service.start_worker()
    wait_for(api.healthy, "the path to be healthy")
    wait_for(lambda: _checked(api), "both to have been read")
    assert "warnings" not in api.client.get("/health").json()
    assert _said(api.process) == _said(worker) == []


def test_what_is_unsafe_is_said_once_by_each_process(make: Make) -> None:
    service = make(broker=EVICTING + FORGETFUL, cache=STUBBORN)
    api, worker = service.start_api(), service.start_worker()
    for process in (api.process, worker):
        wait_for(partial(_has_said, process, 3), "all three flaws")
        assert any("maxmemory-policy is volatile-lru" in line for line in _said(process))
        assert any("keeps no append-only file" in line for line in _said(process))
        assert any(line.startswith("cache is not safe: its maxmemory-policy is noeviction") for line in _said(process))
    wait_for(api.healthy, "the path to be healthy: nobody refuses to start")
    warnings = api.client.get("/health").json()["warnings"]
    assert [warning.partition(":")[0] for warning in warnings] == ["broker", "broker", "cache"]
    assert api.predict("a").is_success
    assert len(_said(api.process)) == len(_said(worker)) == 3


def test_a_broker_that_comes_later_is_looked_at_then(make: Make) -> None:
    service = make(broker=FORGETFUL)
    service.broker.stop()
    api = service.start_api()
    wait_for(lambda: total(api.url, "sentiment_up", part="cache") == 1, "the cache to be seen")
    assert _said(api.process) == []
    service.broker.start()
    wait_for(lambda: _said(api.process), "the broker's flaw")


def test_who_may_not_ask_says_so_and_scrapes_all_the_same(make: Make) -> None:
    service = make(broker=SILENT, users=False)
    api, worker = service.start_api(), service.start_worker()
    for process in (api.process, worker):
        wait_for(partial(_has_said, process, 1), "it to be said")
        assert _said(process)[0].startswith("the settings of the broker cannot be checked: the command INFO")
    assert set(scrape(api.url)["sentiment_redis_clients"]) == {(("part", "cache"),)}
    assert total(api.url, "sentiment_up", part="broker") == 1


@pytest.mark.parametrize("server", sorted(SERVERS))
def test_both_are_measured_without_an_exporter(tmp_path: Path, server: str) -> None:
    service = Service(tmp_path, SERVERS[server], cache="maxmemory 3mb\n")
    try:
        api, _ = service.start_api(), service.start_worker()
        wait_for(api.healthy, "the path to be healthy")
        with service.cache.client() as cache:
            for number in range(3_000):
                cache.set(f"fill:{number}", "x" * 1_000)
            cache.get("fill:2999")
        wait_for(lambda: total(api.url, "sentiment_redis_keys_evicted_total", part="cache") > 0, "keys to go")
        url = api.url
        assert total(url, "sentiment_redis_lookups_total", part="cache", outcome="hit") >= 1
        assert total(url, "sentiment_redis_memory_limit_bytes", part="cache") == 3 * 2**20
        assert total(url, "sentiment_redis_memory_used_bytes", part="broker") > 0
        assert total(url, "sentiment_redis_commands_total", part="broker") > 0
        assert [total(url, "sentiment_redis_evicts", part=part) for part in ("broker", "cache")] == [0, 1]
        assert [total(url, "sentiment_redis_append_only", part=part) for part in ("broker", "cache")] == [1, 0]
        assert [total(url, "sentiment_redis_write_ok", part=part) for part in ("broker", "cache")] == [1, 1]
        assert total(url, "sentiment_redis_clients", part="broker") >= 2
    finally:
        service.stop()


def test_a_frozen_redis_delays_no_scrape_for_long_and_fails_none(service: Service) -> None:
    api = service.start_api(cache_timeout=PRODUCT_CACHE_TIMEOUT)
    wait_for(lambda: _checked(api), "both to have been read")
    service.cache.pause()
    wait_for(lambda: set(scrape(api.url)["sentiment_redis_clients"]) == {(("part", "broker"),)}, "it to be left out")
    service.cache.resume()
    wait_for(lambda: _checked(api), "it to be back")
