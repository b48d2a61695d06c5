"""A route that calls its endpoint with the request and sends the returned response, without FastAPI's processing."""

import inspect
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

_DEFAULTS: Final = {name: known.default for name, known in inspect.signature(APIRoute.__init__).parameters.items()}
_HONOURED: Final = frozenset(
    {
        *("methods", "name", "include_in_schema"),
        # These describe the route and do nothing else.
        *(
            "callbacks",
            "deprecated",
            "description",
            "openapi_extra",
            "response_description",
            "responses",
        ),
        *("generate_unique_id_function", "summary", "tags"),
    }
)
"""Parameters of a route that take effect; `responses` replaces FastAPI's response_model and status_code."""
_SUCCESS: Final = range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES)


class RawRoute(APIRoute):
    """Route that passes the request to its endpoint, and sends the endpoint's response.

    FastAPI's dependencies, response models and exit stacks would take half of a request's time. The application's
    handlers of exceptions work as usual.

    Raises:
        TypeError: the route or its endpoint has a parameter that would be ignored.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        where = f"{'/'.join(given.get('methods') or ['GET'])} {path} ({getattr(endpoint, '__qualname__', endpoint)})"
        _require_honoured(where, given)
        _require_bare(where, endpoint)
        success = [int(status) for status in given.get("responses") or () if int(status) in _SUCCESS]
        described = {"status_code": min(success, default=None), "operation_id": given.get("name") or endpoint.__name__}
        super().__init__(path, endpoint, **{**given, **described})
        self.app = _bare(endpoint)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a HEAD request like a GET; uvicorn does not send the body of its answer."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the endpoint; HEAD is handled here, because it is not in `methods` and so not in the description."""
        if scope["method"] == "HEAD" and "GET" in (self.methods or ()):
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


def _require_honoured(where: str, given: dict[str, Any]) -> None:
    for name, value in given.items():
        absent = isinstance(value, DefaultPlaceholder) or value in (_DEFAULTS.get(name), None, [], {})
        if not absent and name not in _HONOURED:
            raise TypeError(f"{where}: a RawRoute would ignore {name}; the endpoint does that itself, see `responses`.")


def _require_bare(where: str, endpoint: Callable[..., Any]) -> None:
    signature = inspect.signature(endpoint, eval_str=True)
    for number, parameter in enumerate(signature.parameters.values()):
        if number or parameter.annotation is not Request:
            raise TypeError(
                f"{where}: a RawRoute passes one Request alone; the endpoint's {parameter} would be ignored."
            )
    returned = signature.return_annotation
    if not (signature.parameters and inspect.iscoroutinefunction(endpoint)):
        raise TypeError(f"{where}: the endpoint of a RawRoute is an async function of the Request.")
    if not (isinstance(returned, type) and issubclass(returned, Response)):
        raise TypeError(f"{where}: the endpoint of a RawRoute returns a Response, not {returned}.")


def _bare(endpoint: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


def add_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Add the routes of routers to the application itself, because an included router matches every request twice."""
    for router in routers:
        app.router.routes.extend(router.routes)
