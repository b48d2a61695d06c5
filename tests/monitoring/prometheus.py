"""A real Prometheus for a test, and promtool."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from shared.stack.ports import free_port
from tests.support.missing import missing
from tests.support.waiting import wait_for


def binary(name: str) -> str:
    """Return the path of prometheus or promtool; where there is none the test is skipped, in CI it fails."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not on PATH (Debian: apt-get install prometheus)")
    return found


class Prometheus:
    """One server, by a client that knows its address."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ready(self) -> bool:
        try:
            return self._client.get("/-/ready").is_success
        except httpx.TransportError:
            return False

    def get(self, path: str, **parameters: Any) -> Any:
        """Ask the HTTP API.

        Raises:
            AssertionError: it refuses; the message is what it said.
        """
        response = self._client.get(f"/api/v1/{path}", params=parameters)
        document = response.json()
        assert document["status"] == "success", f"{parameters}: {document.get('error')}"
        return document["data"]

    def query(self, expr: str) -> list[float]:
        """Return the values of an instant query."""
        return [float(sample["value"][1]) for sample in self.get("query", query=expr)["result"]]


@contextmanager
def running(
    folder: Path, targets: Mapping[str, Sequence[str]], labels: Mapping[str, str], rules: Sequence[Path]
) -> Iterator[Prometheus]:
    """Start a server that scrapes and evaluates each second.

    Args:
        folder: for its data.
        targets: ``host:port`` by job.
        labels: on every target.
        rules: files of rules.
    """
    jobs = [
        {"job_name": job, "static_configs": [{"targets": list(found), "labels": dict(labels)}]}
        for job, found in targets.items()
    ]
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(path) for path in rules],
        "scrape_configs": jobs,
    }
    folder.mkdir()
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    command = [
        binary("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as child,
        httpx.Client(base_url=f"http://{address}", timeout=30) as client,
    ):
        try:
            server = Prometheus(client)
            wait_for(lambda: server.ready() or child.poll() is not None, "Prometheus to be ready", 60)
            assert child.poll() is None, (folder / "log").read_text()
            yield server
        finally:
            child.kill()
