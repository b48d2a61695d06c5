"""Fixtures of a service in front of which a client stands: a folder's conftest imports those that it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.service import Api, Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Two Redis; the test starts what else it needs."""
    service = Service(tmp_path)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """For tests that leave no trace but cached answers and jobs, or leave the parts as they found them."""
    service = Service(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def api(shared_service: Service) -> Api:
    """One API process with a worker behind it."""
    shared_service.start_worker()
    return shared_service.start_api()
