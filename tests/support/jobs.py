"""Submitting jobs and waiting for their end."""

from collections.abc import Sequence
from typing import Any

import httpx

from tests.support.service import Api
from tests.support.waiting import wait_for

FINAL = {"succeeded", "failed", "canceled"}


def submit(api: Api, texts: Sequence[str], **headers: str) -> httpx.Response:
    """Submit a job, and return the answer."""
    return api.client.post("/project/jobs", json={"text": list(texts)}, headers=headers)


def finished(api: Api, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
    """Poll until a job has ended, and return its last state."""

    def poll() -> dict[str, Any] | None:
        response = api.client.get(job["urls"]["self"], params={"wait": 1})
        document: dict[str, Any] = response.json()
        return document if document.get("status") in FINAL else None

    return wait_for(poll, "the job to end", seconds)
