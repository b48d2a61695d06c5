from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.run import Run
from tests.support.rows import OBSERVED


@pytest.fixture
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A row's service, stopped at its end whatever state it is in."""

    def note(text: str) -> None:
        request.node.user_properties.append((OBSERVED, text))

    run = Run(tmp_path, not request.config.getoption("--full", default=False), note)
    yield run
    run.service.stop()
