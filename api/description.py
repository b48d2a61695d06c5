"""The service's OpenAPI description, made once for each active model."""

from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI

from api.schemas import LabelScore
from api.security.access import access
from api.security.description import describe_keys
from shared.contract.card import ModelCard
from shared.process.settings import Settings

_MOST_LISTED: Final = 100
"""Most labels that the description lists; of a model with more, a label is any string."""


def describe(app: FastAPI, settings: Settings) -> None:
    """Add labels and API keys to the OpenAPI description that FastAPI makes of an app.

    It lists the labels of the active model; until this process has seen its card, a label is any string.
    """
    plain = app.openapi
    last: tuple[ModelCard | None, dict[str, Any]] | None = None

    def openapi() -> dict[str, Any]:
        nonlocal last
        services = getattr(app.state, "services", None)
        card = services.watch.card if services is not None else None
        if last is None or last[0] != card:
            document = deepcopy(plain())
            if card is not None:
                _describe_labels(document, card)
            if settings.api_key_list:
                describe_keys(document, without=access(settings).open)
            last = card, document
        return last[1]

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_labels(document: dict[str, Any], card: ModelCard) -> None:
    if len(card.labels) <= _MOST_LISTED:
        label = document["components"]["schemas"][LabelScore.__name__]["properties"]["label"]
        label["enum"] = list(card.labels)
