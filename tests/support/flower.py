"""A real Flower of a test's service."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from shared.broker.access import Part
from shared.stack.ports import free_port
from tests.support.process import Process
from tests.support.service import Service
from tests.support.waiting import wait_for

PASSWORD = "open-sesame"


class Flower:
    """A Flower process, which runs until the context ends, and a client that knows its password.

    Args:
        service: the service that it watches.
        folder: folder of its log.
    """

    def __init__(self, service: Service, folder: Path) -> None:
        port = free_port()
        own = {"SENTIMENT_FLOWER_PORT": str(port), "SENTIMENT_FLOWER_PASSWORD": PASSWORD}
        self.url = f"http://127.0.0.1:{port}"
        self.process = Process("worker", ["flower"], service.environment_of(Part.FLOWER) | own, folder / "flower.log")
        self.client = httpx.Client(base_url=self.url, auth=("admin", PASSWORD))

    def __enter__(self) -> Self:
        """Wait until it answers."""
        wait_for(lambda: self.status("/healthcheck") == httpx.codes.OK, "Flower to answer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.client.close()
        self.process.kill()

    def status(self, path: str) -> int:
        """Return the status of a page without a password; 0 without an answer."""
        try:
            return httpx.get(f"{self.url}{path}").status_code
        except httpx.TransportError:
            return 0

    def workers(self) -> dict[str, Any]:
        """Return the table of workers by their names."""
        rows = self.client.get("/workers", params={"json": "1"}).raise_for_status().json()["data"]
        return {row["hostname"]: row for row in rows}
