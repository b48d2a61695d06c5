"""The URLs of both Redis, as every part of the product reads them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.broker.access import Part
from shared.stack.ports import free_port
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.process import Process
from tests.support.service import Service
from tests.support.waiting import wait_for

USER, PASSWORD = "ann:of/h\u00f6me", "p@s/s:w#o?r%d&[x]=;+!"
PARTS = [
    ("api", []),
    ("worker", ["run"]),
    ("worker", ["flower"]),
    ("worker", ["activate", "0" * 16]),
    ("shared.stack", ["run"]),
]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Service]:
    """Both Redis let in one user alone, whose name and password hold every character that a URL escapes."""
    service = Service(tmp_path, users=False, user=USER, password=PASSWORD)
    for server in (service.broker, service.cache):
        service.environment[f"SENTIMENT_{server.role.upper()}_URL"] = server.url.removesuffix("/0") + "?db=0"
    yield service
    service.stop()


def test_an_escaped_user_and_password_let_every_part_in(guarded: Service, tmp_path: Path) -> None:
    worker, api = guarded.start_worker(), guarded.start_api()
    wait_for(api.healthy, "the path")
    assert api.predict("private").json()["predictions"] == [expected("private")]
    assert api.predict("private").headers["cache-status"] == "sentiment; hit"
    assert finished(api, submit(api, ["a", "b"]).json())["status"] == "succeeded"
    assert "warnings" not in api.client.get("/health").json()
    activated = run(["worker", "activate", guarded.active_version()], guarded.environment)
    assert activated.returncode == 0, activated.stderr
    waited = run(["shared.wait"], guarded.environment)
    assert (waited.returncode, waited.stdout, waited.stderr) == (0, "", "")
    flower = _flower(guarded, tmp_path)
    assert not any(PASSWORD in output for output in (worker.output, api.process.output, flower))


def _flower(service: Service, folder: Path) -> str:
    port = free_port()
    own = {"SENTIMENT_FLOWER_PORT": str(port), "SENTIMENT_FLOWER_PASSWORD": "open-sesame"}
    flower = Process("worker", ["flower"], service.environment_of(Part.FLOWER) | own, folder / "flower.log")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("admin", "open-sesame")) as client:

        def told() -> str:
            try:
                return client.get("/workers").text
            except httpx.TransportError:
                return ""

        try:
            wait_for(lambda: "sentiment-" in told(), "the worker to be seen")
        finally:
            flower.kill()
    return flower.output


@pytest.mark.parametrize(("module", "arguments"), PARTS)
@pytest.mark.parametrize(
    ("variable", "url", "said"),
    [
        ("BROKER", "rediss://:hush@host/0?ssl_cert_reqs=none", "ssl_cert_reqs"),
        ("BROKER", "sentinel://:hush@host:26379", "redis://"),
        ("CACHE", "redis://:hush@host/0?socket_timeout=9", "socket_timeout"),
    ],
)
def test_a_url_that_not_every_part_understands_ends_the_start_with_one_sentence(
    tmp_path: Path, module: str, arguments: list[str], variable: str, url: str, said: str
) -> None:
    ended = run([module, *arguments], {f"SENTIMENT_{variable}_URL": url}, tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: SENTIMENT_{variable}_URL: ")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "hush" not in ended.stdout + ended.stderr


def run(
    arguments: list[str], environment: dict[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env={"PYTHONPATH": str(Path.cwd())} | os.environ | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
