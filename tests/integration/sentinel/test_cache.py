"""A cache behind Sentinels, while its primary does not answer and another server takes over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker.role import Role
from tests.support.asking import expected
from tests.support.scrape import total
from tests.support.sentinel import FailoverBroker, Server
from tests.support.service import Api, Service
from tests.support.waiting import wait_for


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[FailoverBroker]:
    """A cache that fails over."""
    cache = FailoverBroker(tmp_path / "caches", role=Role.CACHE)
    yield cache
    cache.stop()


@pytest.fixture
def service(tmp_path: Path, cache: FailoverBroker) -> Iterator[Service]:
    """A service with this cache and an ordinary broker."""
    service = Service(tmp_path, cache_server=cache, cache_timeout="0.5")
    yield service
    service.stop()


def test_api_and_worker_use_the_next_primary_of_a_frozen_cache(cache: FailoverBroker, service: Service) -> None:
    worker, api = service.start_worker(), service.start_api()
    assert api.predict("before").json()["predictions"] == [expected("before")]
    wait_for(lambda: all(_keys(server) for server in cache.servers), "every server to have the answer")
    old = cache.primary
    old.pause()
    assert api.predict("meanwhile").json()["predictions"] == [expected("meanwhile")]
    cache.moved(old)
    wait_for(lambda: total(api.url, "sentiment_failovers_total", part="cache") == 1, "the API to notice", every=0.1)
    asked: list[str] = []
    wait_for(lambda: _one_stored(service, api, asked), "the worker to store answers", every=0.1)
    other = service.start_api()
    found = other.predict("before")
    assert found.json()["predictions"] == [expected("before")]
    assert found.headers["cache-status"] == "sentiment; hit"
    assert service.count("before") == 1
    assert worker.alive
    old.resume()
    cache.settle()


def _keys(server: Server) -> int:
    with server.client() as redis:
        return int(redis.dbsize())


def _one_stored(service: Service, api: Api, asked: list[str]) -> bool:
    """Ask for one more text, and return True if one of the answers is in the cache."""
    asked.append(f"after {len(asked)}")
    assert api.predict(asked[-1]).json()["predictions"] == [expected(asked[-1])]
    return any(service.stored(text) for text in asked)
