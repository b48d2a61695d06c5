from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sentinel import FailoverBroker
from tests.support.service import Service


@pytest.fixture
def service(tmp_path: Path, broker: FailoverBroker) -> Iterator[Service]:
    """A service whose broker fails over."""
    service = Service(tmp_path, broker_server=broker)
    yield service
    service.stop()
