"""Saying in the OpenAPI description that a key is asked for."""

from typing import Any, Final

from fastapi import FastAPI

_SCHEME: Final = "ApiKey"


def describe_keys(app: FastAPI, prefix: str, *, health: bool) -> None:
    """Let every operation under the prefix ask for a bearer token, and say what happens without.

    Args:
        app: what is described.
        prefix: of the service.
        health: whether what tells of the system asks for one as well.
    """
    plain = app.openapi
    free = set() if health else {f"{prefix}/health", f"{prefix}/stats"}

    def openapi() -> dict[str, Any]:
        document = plain()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes[_SCHEME] = {"type": "http", "scheme": "bearer"}
        for path, operations in document["paths"].items():
            if path.startswith(f"{prefix}/") and path not in free:
                for operation in operations.values():
                    operation["security"] = [{_SCHEME: []}]
                    operation["responses"].setdefault("401", {"description": "No valid API key was given"})
        return document

    app.openapi = openapi  # type: ignore[method-assign]
