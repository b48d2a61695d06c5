"""A route whose endpoint takes the request and returns the response, with nothing of FastAPI in between."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, NamedTuple

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import PROBLEM_TYPE
from api.schemas import Problem

MOST: Final = 10**9 - 1
"""The largest number that a query parameter may give."""


class Parameter(NamedTuple):
    """One parameter that an endpoint reads itself."""

    place: Literal["path", "query", "header"]
    name: str
    description: str
    least: int = 0
    """Smallest number that a query parameter may give."""

    @property
    def document(self) -> dict[str, Any]:
        """Its entry in the description of the API; only what stands in the path must be there."""
        schemas: dict[str, dict[str, Any]] = {
            "path": {"type": "string"},
            "query": {"type": "integer", "minimum": self.least, "maximum": MOST},
            "header": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        }
        return {
            "in": self.place,
            "name": self.name,
            "description": self.description,
            "required": self.place == "path",
            "schema": schemas[self.place],
        }


class RawRoute(APIRoute):
    """Documented like any route; a call goes straight to the endpoint.

    Dependency solving, response models and the exit stacks around them cost half of a request's time. Exceptions reach
    the application's handlers all the same.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app = _bare(self.endpoint)


def _bare(endpoint: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


def add_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Add routers' routes to the application itself: an included router matches every request twice."""
    for router in routers:
        app.router.routes.extend(router.routes)


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Document a JSON body that the endpoint validates itself."""
    examples = schema.pop("examples", [])
    media: dict[str, Any] = {"schema": schema}
    if examples:
        media["example"] = examples[0]
    return {"requestBody": {"required": True, "content": {"application/json": media}}}


def parameters(*described: Parameter) -> dict[str, Any]:
    """Document parameters."""
    return {"parameters": [parameter.document for parameter in described]}


def problem(description: str) -> dict[str, Any]:
    """Document a refusal under the media type that it is sent as."""
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": Problem.model_json_schema()}}}
