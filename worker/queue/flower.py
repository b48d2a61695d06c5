"""``python -m worker flower``: Celery's monitor, with a password and read-only."""

import os
from typing import Any, Final

from shared.broker.cluster import require_no_cluster
from shared.broker.follow import follow
from shared.broker.role import Role
from shared.contract.errors import SentimentError
from shared.process.settings import Settings

_TASKS: Final = 5000
"""Most tasks that Flower keeps; with its default of 100,000 its memory grew by 12 MB per minute under jobs."""
_PATIENCE: Final = 2.0
"""Longest wait for the lengths of the queues, in seconds."""


def run_flower(settings: Settings) -> int:
    """Serve Flower until SIGTERM.

    The password is passed in the environment, because every user of the machine can see a command line.

    Raises:
        SentimentError: no password is set, Flower is not installed, or the broker is part of a cluster.
    """
    if settings.flower_password is None:
        raise SentimentError("set SENTIMENT_FLOWER_PASSWORD: without it, everyone could see the workers' tasks")
    try:
        import flower  # noqa: F401, PLC0415
    except ImportError:
        raise SentimentError("Flower is not installed; it comes with the stack extra") from None
    from worker.queue.app import app  # noqa: PLC0415

    require_no_cluster({Role.BROKER: settings.broker})
    _read_queues_of(settings)
    follow(settings.broker)
    os.environ["FLOWER_BASIC_AUTH"] = f"{settings.flower_user}:{settings.flower_password.get_secret_value()}"
    arguments = [
        "flower",
        "--read_only=True",
        f"--max_tasks={_TASKS}",
        f"--address={settings.flower_host}",
        f"--port={settings.flower_port}",
    ]
    app.start(arguments)
    return 0


def _read_queues_of(settings: Settings) -> None:
    """Let the page of the queues ask the broker by the product's client; Flower's own would ask a Sentinel for them."""
    from flower import views  # noqa: PLC0415
    from flower.utils.broker import RedisBase  # noqa: PLC0415

    class Broker(RedisBase):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.redis = settings.broker.asyncio_client(_PATIENCE)

    views.Broker = Broker
