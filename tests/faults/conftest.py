from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.run import Run
from tests.support.redis import RedisServer
from tests.support.rows import OBSERVED
from tests.support.sentinel import FailoverBroker


@contextmanager
def running(folder: Path, request: pytest.FixtureRequest, broker: RedisServer | None = None) -> Iterator[Run]:
    """Run a row's service; at the end it is stopped, whatever state it is in."""

    def note(text: str) -> None:
        request.node.user_properties.append((OBSERVED, text))

    run = Run(folder, not request.config.getoption("--full", default=False), note, broker)
    yield run
    run.service.stop()


@pytest.fixture
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A row's service."""
    with running(tmp_path, request) as run:
        yield run


@pytest.fixture
def watched(tmp_path: Path, request: pytest.FixtureRequest, broker: FailoverBroker) -> Iterator[Run]:
    """A row's service whose broker fails over."""
    with running(tmp_path, request, broker) as run:
        yield run
