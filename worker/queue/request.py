"""How Celery describes a running task to those who ask."""

from typing import Any

from celery.worker.request import Request


class PrivateRequest(Request):  # type: ignore[misc]
    """A request that never shows its arguments: ``inspect`` and Flower get the repr that the sender wrote."""

    def info(self, safe: bool = False) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002
        """Describe the task, always the safe way."""
        description: dict[str, Any] = super().info(safe=True)
        return description
