import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from load.bench import tools
from load.bench.errors import BenchError
from tests.support.service import Service


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
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(str(error))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Two Redis; the test starts what else it needs."""
    service = Service(tmp_path)
    yield service
    service.stop()
