from collections.abc import Iterator

import pytest

from shared.process.choices import ClientProtocolName
from tests.support.service import Api, Service

EVERY = ",".join(ClientProtocolName)
KEY = "alice-key"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two Redis, and a worker that is slow enough to be overloaded."""
    service = Service(tmp_path_factory.mktemp("clients"))
    service.environment["TEST_ENGINE_SECONDS"] = "0.05"
    service.start_worker()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def api(service: Service) -> Api:
    """An API process with every protocol and a key."""
    return service.start_api(protocols=EVERY, api_keys=KEY)


@pytest.fixture(scope="session")
def open_api(service: Service) -> Api:
    """An API process without keys; its long deadline lets an overload last for a test."""
    return service.start_api(protocols=EVERY, deadline="20")


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API process without a worker."""
    service = Service(tmp_path_factory.mktemp("lonely"))
    yield service.start_api(protocols=EVERY)
    service.stop()
