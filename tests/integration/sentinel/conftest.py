from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sentinel import FailoverBroker
from tests.support.service import Service


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[FailoverBroker]:
    """Three servers and three Sentinels."""
    broker = FailoverBroker(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture
def service(tmp_path: Path, broker: FailoverBroker) -> Iterator[Service]:
    """A service whose broker is that group."""
    service = Service(tmp_path, broker_server=broker)
    yield service
    service.stop()
