"""The OpenAPI description of API keys."""

from collections.abc import Container
from typing import Any, Final

_SCHEME: Final = "ApiKey"


def describe_keys(document: dict[str, Any], without: Container[str]) -> None:
    """Add the bearer token, and the answer to a request without it, to every operation that needs a key.

    Args:
        document: OpenAPI description; it is changed.
        without: paths that need no key.
    """
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes[_SCHEME] = {"type": "http", "scheme": "bearer"}
    for path, operations in document["paths"].items():
        if path not in without:
            for operation in operations.values():
                operation["security"] = [{_SCHEME: []}]
                operation["responses"].setdefault("401", {"description": "No valid API key was given"})
