"""Clients generated from the description of the running service: a prediction, a batch, a job and a refusal."""

import json
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.clients.conftest import KEY
from tests.clients.generators import GENERATORS
from tests.support.asking import expected
from tests.support.service import Api

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]


def pairs(text: str) -> Any:
    return [[entry["label"], pytest.approx(entry["score"])] for entry in expected(text)]


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)
def test_a_generated_client(generator: Any, api: Api, tmp_path: Path) -> None:
    good = [f"{uuid4()} größer ☃", str(uuid4())]
    texts = [*good, f"{uuid4()} raise-error"]
    done = subprocess.run(
        [*generator.make(api.url, tmp_path), api.url, KEY],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    entries = [*map(pairs, good), "inference-failed"]
    assert said["job"].pop("self").startswith("/project/jobs/")
    assert said == {
        "predict": entries[0],
        "bulk": entries,
        "job": {"status": "succeeded", "predictions": entries},
        "refusal": "urn:sentiment:problem:unauthorized",
    }
