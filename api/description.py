"""The service's OpenAPI description, made once for each active model."""

from collections.abc import Container, Sequence
from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI

from api.contract.schemas import LabelScore
from api.errors.shapes import ErrorShape, shape_at
from api.routes.describing import REF, problems
from api.security.access import Access
from shared.contract.card import ModelCard
from shared.process.settings import Settings

_SCHEME: Final = "ApiKey"
_MOST_LISTED: Final = 100
"""Most labels that the description lists; of a model with more, a label is any string."""


def describe(app: FastAPI, settings: Settings, exempt: Access, shapes: Sequence[ErrorShape]) -> None:
    """Add labels and API keys to the OpenAPI description that FastAPI makes of an app, and name the schemas of bodies.

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
            if settings.api_key_list:
                _describe_keys(document, exempt.open, shapes)
            _name_schemas(document)
            if card is not None:
                _describe_labels(document, card)
            last = card, document
        return last[1]

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_keys(document: dict[str, Any], without: Container[str], shapes: Sequence[ErrorShape]) -> None:
    """Add the bearer token, and the answer to a request without it, to all operations but those at some paths."""
    document["components"]["securitySchemes"] = {_SCHEME: {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        if path not in without:
            refusal = problems({"unauthorized": "No valid API key was given"}, shape_at(path, shapes))
            for operation in operations.values():
                operation["security"] = [{_SCHEME: []}]
                operation["responses"] |= {str(status): entry for status, entry in refusal.items()}


def _name_schemas(document: dict[str, Any]) -> None:
    """Make a component of each schema with a title in a body, so that generators of clients name its class."""
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in part.get("content", {}).values():
                    schema = media.get("schema", {})
                    if "title" in schema:
                        name = schema["title"]
                        schemas.update(schema.pop("$defs", {}))
                        schemas[name] = schema
                        media["schema"] = {"$ref": REF.format(model=name)}


def _describe_labels(document: dict[str, Any], card: ModelCard) -> None:
    if len(card.labels) <= _MOST_LISTED:
        label = document["components"]["schemas"][LabelScore.__name__]["properties"]["label"]
        label["enum"] = list(card.labels)
