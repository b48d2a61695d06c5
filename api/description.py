"""The service's OpenAPI description, made once for each process."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from fastapi import FastAPI

from api.schemas import LabelScore
from api.security.access import access
from api.security.description import describe_keys
from shared.process.settings import Settings


def describe(app: FastAPI, settings: Settings) -> None:
    """Add labels and API keys to the OpenAPI description that FastAPI makes of an app.

    The description is made at the first request for it and stays the same for the life of the process. It lists the
    labels of the model that is active at that moment; if this process has seen no worker yet, a label is any string.
    """
    plain = app.openapi

    @cache
    def openapi() -> dict[str, Any]:
        document = plain()
        services = getattr(app.state, "services", None)
        if services is not None:
            _describe_labels(document, services.watch.labels)
        if settings.api_key_list:
            describe_keys(document, without=access(settings).open)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_labels(document: dict[str, Any], labels: Sequence[str]) -> None:
    if labels:
        document["components"]["schemas"][LabelScore.__name__]["properties"]["label"]["enum"] = list(labels)
