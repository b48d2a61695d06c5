from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.http.rows import KNOWN
from tests.support.service import Api, Service


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API process that holds the answer to one text, with a worker behind it."""
    service = Service(Path(tmp_path_factory.mktemp("http")))
    service.start_worker()
    api: Api = service.start_api()
    assert api.client.post("/project/predict", json={"text": KNOWN}).status_code == 200
    yield api
    service.stop()
