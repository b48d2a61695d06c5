from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis import available_servers
from tests.support.service import Api, Service

SERVERS = available_servers()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Two Redis; the test starts what else it needs."""
    service = Service(tmp_path)
    yield service
    service.stop()


@pytest.fixture(params=sorted(SERVERS))
def any_service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """The same on every Redis there is: the bundled 6.2, the system's newer one, and Valkey."""
    service = Service(tmp_path, SERVERS[request.param])
    yield service
    service.stop()


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """For tests that leave no trace but cached answers."""
    service = Service(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def api(shared_service: Service) -> Api:
    """One API process with a worker behind it."""
    shared_service.start_worker()
    return shared_service.start_api()
