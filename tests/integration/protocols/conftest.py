from collections.abc import Iterator

import pytest

from shared.process.choices import ClientProtocolName
from tests.support.service import Api, Service

EVERY = ",".join(ClientProtocolName)


@pytest.fixture(scope="package")
def service_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two Redis and a worker."""
    service = Service(tmp_path_factory.mktemp("protocols"))
    service.start_worker()
    yield service
    service.stop()


@pytest.fixture(scope="package")
def spoken(service_of_all: Service) -> Api:
    """An API process with every protocol, and two names of the model."""
    return service_of_all.start_api(protocols=EVERY, model_names="sentiment,other/name")
