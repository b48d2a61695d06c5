"""``python -m deploy.dashboards``: write every dashboard into the chart; Compose mounts the same files."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.dashboards.redis import redis
from deploy.dashboards.service import service
from deploy.dashboards.workers import workers
from deploy.dashboards.workload import workload

FOLDER: Final = Path(__file__).parents[2] / "charts" / "sentiment" / "dashboards"
DASHBOARDS: Final[dict[str, Callable[[], Dashboard]]] = {
    "service.json": service,
    "workers.json": workers,
    "redis.json": redis,
    "workload.json": workload,
}
"""Makers of the dashboards, by the name of the file."""


def render(name: str) -> str:
    """Return a dashboard as JSON; the same code always gives the same bytes."""
    return JSONEncoder(indent=1, sort_keys=True).encode(DASHBOARDS[name]().build()) + "\n"


def main() -> None:
    """Write all dashboards."""
    FOLDER.mkdir(exist_ok=True)
    for name in DASHBOARDS:
        (FOLDER / name).write_text(render(name))


if __name__ == "__main__":
    main()
