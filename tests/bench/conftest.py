from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from load.errors import BenchError
from load.generate import tools
from tests.support.missing import missing
from tests.support.service import PRODUCT_CACHE_TIMEOUT, Service


@pytest.fixture
def wrk() -> None:
    """For tests that need it: in CI it must be there."""
    require(tools.wrk)


@pytest.fixture
def node() -> None:
    """For tests that need it: in CI it must be there."""
    require(tools.node)


def require(find: Callable[[], str]) -> None:
    try:
        find()
    except BenchError as error:
        missing(str(error))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Two Redis; the test starts what else it needs."""
    service = Service(tmp_path, cache_timeout=PRODUCT_CACHE_TIMEOUT)
    yield service
    service.stop()
