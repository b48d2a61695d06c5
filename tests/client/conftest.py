from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.served import api, service, shared_service
from tests.support.service import Api

__all__ = ["api", "sentiment", "service", "shared_service"]


@pytest.fixture
def sentiment(api: Api, tmp_path: Path) -> Command:
    """The command, before that service."""
    folder = tmp_path / "user"
    folder.mkdir()
    return Command(api.url, folder)
