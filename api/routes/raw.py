"""A route whose endpoint takes the request and returns the response, with nothing of FastAPI in between."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from api.problems import PROBLEM_TYPE
from api.schemas import Problem


class RawRoute(APIRoute):
    """Documented like any route; the call skips dependency solving and response models, which cost half the time."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint itself."""
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Document a JSON body that the endpoint validates itself."""
    examples = schema.pop("examples", [])
    media: dict[str, Any] = {"schema": schema}
    if examples:
        media["example"] = examples[0]
    return {"requestBody": {"required": True, "content": {"application/json": media}}}


def parameters(*described: tuple[str, str, str]) -> dict[str, Any]:
    """Document optional parameters that the endpoint reads itself: place, name and description of each."""
    kinds: dict[str, dict[str, Any]] = {"query": {"type": "integer", "minimum": 0}, "header": {"type": "string"}}
    return {
        "parameters": [
            {"in": place, "name": name, "description": text, "schema": kinds[place]} for place, name, text in described
        ]
    }


def problem(description: str) -> dict[str, Any]:
    """Document a refusal under the media type that it is sent as."""
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": Problem.model_json_schema()}}}
