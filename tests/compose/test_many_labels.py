"""A baked model with six labels, of which several may apply, by variables alone."""

from collections.abc import Iterator

import httpx
import pytest

from tests.compose.docker import Compose
from tests.support.several import Several, baked_folder

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

COMPACT, MANY = "sentiment-worker:test", "sentiment-worker:many"


@pytest.fixture(scope="module")
def model(compose: Compose) -> Iterator[Several]:
    """Provide the model, which is in an image of its own."""
    with baked_folder() as several:
        Compose({**compose.settings, "MODEL": "baked", "WORKER_IMAGE": MANY})("build", "--quiet", "worker")
        yield several


@pytest.mark.parametrize(
    ("images", "own", "other"),
    [
        ({"WORKER_IMAGE": MANY, "LAB_WORKER_IMAGE": COMPACT}, "project", "lab"),
        ({"WORKER_IMAGE": COMPACT, "LAB_WORKER_IMAGE": MANY}, "lab", "project"),
    ],
)
def test_one_service_takes_it_and_the_other_one_keeps_its_own(
    compose: Compose, model: Several, images: dict[str, str], own: str, other: str
) -> None:
    ports = {"project": compose.settings["API_PORT"], "lab": compose.settings["LAB_PORT"]}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    try:
        Compose({**compose.settings, **images})("up", "--detach", "--wait")
        model.require(urls[own], own)
        answer = httpx.post(f"{urls[other]}/{other}/predict", json={"text": "Lovely."}, timeout=10).json()
        assert {entry["label"] for entry in answer["prediction"]} == {"POSITIVE", "NEGATIVE"}
    finally:
        compose("down", "--volumes")
