"""The table of all errors that clients receive, as RFC 9457 problem details."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from shared.contract import errors
from shared.contract.names import JobStatus
from shared.process.logs import request_id


class InvalidRequestError(errors.SentimentError):
    """The request does not follow the contract.

    Args:
        reasons: the location and the message of each error, without the value that was sent.
    """

    def __init__(self, reasons: list[dict[str, str]]) -> None:
        super().__init__("The request is not valid.")
        self.reasons = reasons


class BodyTooLargeError(errors.SentimentError):
    """The body has more bytes than a request may have."""


class BodyTimeoutError(errors.SentimentError):
    """The body did not arrive in time."""


class UnauthorizedError(errors.SentimentError):
    """No valid API key was given."""


class RateLimitedError(errors.SentimentError):
    """The client has used up its quota.

    Args:
        retry_after: seconds until its next request is allowed.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class InferenceFailedError(errors.SentimentError):
    """The model could process no text of the request."""


class NotReadyError(errors.SentimentError):
    """A health check found a part that is not available.

    Args:
        parts: state of every part, by its name.
    """

    def __init__(self, parts: Mapping[str, str]) -> None:
        missing = [f"{name} ({state})" for name, state in parts.items() if state != "ok"]
        super().__init__(f"Missing: {', '.join(missing)}.")
        self.parts = parts


class _Problem(NamedTuple):
    status: HTTPStatus
    code: str
    title: str
    detail: str
    retry_after: int | None = None


_PROBLEMS: dict[type[Exception], _Problem] = {
    InvalidRequestError: _Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "Invalid request",
        "The request is not valid; see errors.",
    ),
    BodyTooLargeError: _Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        "Body too large",
        "Send fewer or shorter texts.",
    ),
    UnauthorizedError: _Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthorized",
        "Unauthorized",
        "Send a valid API key: Authorization: Bearer KEY.",
    ),
    RateLimitedError: _Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate-limited",
        "Too many requests",
        "You ask more often than you may.",
        1,
    ),
    BodyTimeoutError: _Problem(
        HTTPStatus.REQUEST_TIMEOUT,
        "body-timeout",
        "Body too slow",
        "The body did not arrive in time.",
    ),
    errors.TooMuchWorkError: _Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-much-work",
        "Too much work for one synchronous request",
        "These texts cannot be classified before the deadline, so trying again would not help: "
        "send fewer texts at once, or submit them as a job.",
    ),
    InferenceFailedError: _Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "inference-failed",
        "Inference failed",
        "The model could not process it.",
    ),
    errors.NoWorkerError: _Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "no-worker",
        "No worker",
        "No worker is there to compute the answer.",
        2,
    ),
    errors.BrokerUnavailableError: _Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "queue-unavailable",
        "Queue unavailable",
        "The queue cannot be reached.",
        1,
    ),
    errors.OverloadedError: _Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "overloaded",
        "Overloaded",
        "The queue is too deep to answer in time.",
        1,
    ),
    errors.JobsFullError: _Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "jobs-full",
        "Too many jobs",
        "Too much work is waiting to accept more of it now.",
        10,
    ),
    errors.JobUnknownError: _Problem(
        HTTPStatus.NOT_FOUND, "job-unknown", "No such job", "Its id is wrong, or it is another client's."
    ),
    errors.JobExpiredError: _Problem(
        HTTPStatus.GONE, "job-expired", "Job expired", "The job has expired; its results are kept no longer."
    ),
    errors.JobEndedError: _Problem(
        HTTPStatus.CONFLICT, "job-ended", "Job has ended", "The job has ended, so it cannot be canceled."
    ),
    errors.IdempotencyConflictError: _Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-conflict",
        "Idempotency key used before",
        "This idempotency key belongs to another payload; use a new one.",
    ),
    NotReadyError: _Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not ready", "A part of the service is missing.", 1
    ),
    errors.DeadlineExceededError: _Problem(
        HTTPStatus.GATEWAY_TIMEOUT,
        "deadline-exceeded",
        "Deadline exceeded",
        "The answer was not ready in time; work that had begun still fills the cache.",
    ),
}
CODES = tuple(problem.code for problem in _PROBLEMS.values())
"""The problem codes of all exceptions in the table."""
_HEADERS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
}
PROBLEM_TYPE = "application/problem+json"


class ProblemResponse(Response):
    """A problem document that also writes its code into the request's state, where the middleware counts it.

    Args:
        code: last part of the problem's type.
        rest: arguments of Starlette's `Response`.
    """

    media_type = PROBLEM_TYPE

    def __init__(self, code: str, *rest: Any) -> None:
        super().__init__(*rest)
        self.code = code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the document."""
        scope.setdefault("state", {})["problem"] = self.code
        await super().__call__(scope, receive, send)


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> ProblemResponse:
    """Build a problem document; `members` are added to the standard ones."""
    document = {
        "type": f"urn:sentiment:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "request_id": request_id.get(),
        **members,
    }
    return ProblemResponse(code, json.dumps(document), int(status), headers)


def internal_error() -> Response:
    """Build the answer for an unexpected exception, without its details, which are in the log."""
    return problem_response(500, "internal-error", "Internal error", "The request could not be processed.")


def problem_for(error: Exception, prefix: str = "") -> ProblemResponse:
    """Build the answer for an exception of the table.

    Args:
        error: the exception.
        prefix: first part of the service's paths.
    """
    problem = _PROBLEMS[type(error)]
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
    return problem_response(problem.status, problem.code, problem.title, detail, headers=headers, **members)


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes at a request's path; Starlette's exception has only those of the first route."""
    here = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in here for method in getattr(route, "methods", None) or ()}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def install_handlers(app: FastAPI, prefix: str) -> None:
    """Make an app answer with problems for the exceptions of the table and for Starlette's HTTP exceptions."""

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
            detail = (
                f"Nothing is at this path. Predictions are at {prefix}/predict; {prefix}/openapi.json describes all."
            )
        return problem_response(error.status_code, code, phrase, detail, headers=headers)

    for kind in _PROBLEMS:
        app.add_exception_handler(kind, handle)
    app.add_exception_handler(HTTPException, handle_http)
