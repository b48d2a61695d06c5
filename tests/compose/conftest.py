import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from shared.stack.ports import free_port
from tests.compose.docker import Compose, missing_engine
from tests.support.waiting import wait_for

PYTHON_IMAGE = os.environ.get("PYTHON_IMAGE", "python:3.13-slim-bookworm")


@dataclass
class Composed:
    """The stack, started from nothing."""

    compose: Compose
    api: str
    lab: str
    flower: str
    seconds: float
    """From ``up`` to the first real answer, images built."""


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    if reason := missing_engine():
        pytest.fail(f"no Docker engine to test with: {reason}", pytrace=False)


@pytest.fixture(scope="session")
def compose(engine: None) -> Iterator[Compose]:
    """The project with its images built."""
    settings = {
        "API_IMAGE": "sentiment-api:test",
        "WORKER_IMAGE": "sentiment-worker:test",
        "API_PORT": str(free_port()),
        "LAB_PORT": str(free_port()),
        "FLOWER_PORT": str(free_port()),
        "REVISION": "abc123",
    }
    compose = Compose(settings)
    compose("down", "--volumes", "--remove-orphans")
    began = time.monotonic()
    compose("build", "--quiet")
    print(f"\nbuilt in {time.monotonic() - began:.0f} s")
    yield compose
    compose("down", "--volumes", "--remove-orphans")


@pytest.fixture(scope="session")
def composed(compose: Compose) -> Composed:
    """The running stack."""
    base = "http://127.0.0.1:"
    api = base + compose.settings["API_PORT"]
    began = time.monotonic()
    compose("up", "--detach")

    def answered() -> bool:
        try:
            healthy = httpx.get(f"{api}/health", timeout=5).is_success
            return healthy and httpx.post(f"{api}/project/predict", json={"text": "Up at last!"}, timeout=5).is_success
        except httpx.TransportError:
            return False

    wait_for(answered, "the first answer", 120)
    seconds = time.monotonic() - began
    print(f"\nup, healthy and first answer in {seconds:.1f} s")
    compose("up", "--detach", "--wait")  # everything else too: Flower and the lab
    return Composed(compose, api, base + compose.settings["LAB_PORT"], base + compose.settings["FLOWER_PORT"], seconds)
