"""Answers to errors: RFC 9457 problem details, or the form of the protocol to whose paths the request belongs."""

import json
import math
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.errors.problems import PROBLEMS, InvalidRequestError, ModelUnknownError, NotReadyError
from api.errors.shapes import ErrorShape, shape_at
from shared.contract import errors
from shared.contract.names import JobStatus
from shared.process.logs import request_id
from shared.process.trace_context import current_ids

PROBLEM_TYPE: Final = "application/problem+json"
_HEADERS: Final[dict[HTTPStatus, dict[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
}


class ProblemResponse(Response):
    """The answer to an error.

    It writes the code and the product's status of the problem into the request's state, where the middleware counts
    them, so that a protocol's own statuses change no count.

    Args:
        code: last part of the problem's type.
        document: the problem document.
        headers: headers of the answer.
    """

    media_type = PROBLEM_TYPE

    def __init__(self, code: str, document: Mapping[str, Any], headers: Mapping[str, str] | None) -> None:
        super().__init__(json.dumps(document), document["status"], headers)
        self.code = code
        self._document = document
        self._given = headers

    def at(self, path: str, shapes: Iterable[ErrorShape]) -> Response:
        """Return the answer in the shape of the protocol at a path."""
        shape = shape_at(path, shapes)
        if shape is None:
            return self
        shaped = shape.document(self.code, self._document)
        return Response(json.dumps(shaped), shaped["status"], self._given, "application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the document, in the shape of the protocol at the request's path."""
        scope.setdefault("state", {}).update(problem=self.code, status=self.status_code)
        answer = self.at(scope["path"], getattr(scope["app"].state, "shapes", ()))
        await (super().__call__ if answer is self else answer)(scope, receive, send)


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> ProblemResponse:
    """Build the answer to an error; `members` are added to the standard ones of a problem document."""
    document = {
        "type": f"urn:sentiment:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "request_id": request_id.get(),
        **_trace_id(),
        **members,
    }
    return ProblemResponse(code, document, headers)


def _trace_id() -> dict[str, str]:
    """Return the member with the trace of the current request; none without traces."""
    return {name: value for name, value in current_ids().items() if name == "trace_id"}


def internal_error() -> ProblemResponse:
    """Build the answer for an unexpected exception, without its details, which are in the log."""
    return problem_response(500, "internal-error", "Internal error", "The request could not be processed.")


def problem_for(error: Exception, prefix: str = "") -> ProblemResponse:
    """Build the answer for an exception of the table.

    Args:
        error: the exception.
        prefix: first part of the service's paths.
    """
    problem = PROBLEMS[type(error)]
    members: dict[str, Any] = {}
    headers = dict(_HEADERS.get(problem.status, {}))
    retry_after = math.ceil(getattr(error, "retry_after", 0)) or problem.retry_after
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    detail = problem.detail
    if isinstance(error, InvalidRequestError):
        members["errors"] = error.reasons
    elif isinstance(error, errors.TooMuchWorkError):
        members["jobs"] = f"{prefix}/jobs"
    elif isinstance(error, errors.JobExpiredError):
        members["job_status"] = JobStatus.EXPIRED
    elif isinstance(error, NotReadyError):
        detail, members["parts"] = str(error), dict(error.parts)
    elif isinstance(error, ModelUnknownError):
        detail = f"{detail} {error}"
    return problem_response(problem.status, problem.code, problem.title, detail, headers=headers, **members)


def install_handlers(app: FastAPI, prefix: str, shapes: Iterable[ErrorShape] = ()) -> None:
    """Make an app answer the exceptions of the table and Starlette's HTTP exceptions.

    Args:
        app: the application.
        prefix: first part of the service's paths.
        shapes: the forms of errors that differ from problem documents.
    """
    app.state.shapes = tuple(shapes)

    async def handle(_request: Request, error: Exception) -> Response:
        return problem_for(error, prefix)

    async def handle_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "-")
        headers, detail = error.headers, str(error.detail)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(_allowed(request))
            headers, detail = {"Allow": allowed}, f"Use {allowed}."
        elif error.status_code == HTTPStatus.NOT_FOUND:
            shape = shape_at(request.scope["path"], app.state.shapes)
            detail = f"Nothing is at this path. {shape.guide if shape else _guide(prefix)}"
        return problem_response(error.status_code, code, phrase, detail, headers=headers)

    for kind in PROBLEMS:
        app.add_exception_handler(kind, handle)
    app.add_exception_handler(HTTPException, handle_http)


def _guide(prefix: str) -> str:
    return f"Predictions are at {prefix}/predict; {prefix}/openapi.json describes all."


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes at a request's path; Starlette's exception has only those of the first route."""
    here = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in here for method in getattr(route, "methods", None) or ()}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))
