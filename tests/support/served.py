"""Fixtures of a service for tests of the client; a folder's conftest imports those that it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.service import Api, Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Provide a service with two Redis; the test starts other parts."""
    service = Service(tmp_path)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Provide a service for several tests, which may leave cached answers and jobs but must restore its parts."""
    service = Service(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def api(shared_service: Service) -> Api:
    """Provide an API process of the shared service, with a worker."""
    shared_service.start_worker()
    return shared_service.start_api()
