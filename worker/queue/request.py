"""The description of a running task for ``celery inspect`` and Flower."""

from typing import Any

from celery.worker.request import Request


class PrivateRequest(Request):  # type: ignore[misc]
    """A Celery request that never shows its arguments; ``inspect`` and Flower get the repr of the sender instead."""

    def info(self, safe: bool = False) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002
        """Return the description without the task's arguments."""
        description: dict[str, Any] = super().info(safe=True)
        return description
