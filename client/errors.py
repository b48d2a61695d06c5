"""The exceptions and the warning of the client."""

from collections.abc import Mapping, Sequence
from typing import Any


class SentimentError(Exception):
    """Base of all errors of this package; each can be pickled with its attributes."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the parts for pickle, which would otherwise call the class with only the message."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[SentimentError], args: tuple[Any, ...]) -> SentimentError:
    """Return an error without attributes; pickle sets them afterwards."""
    error = kind.__new__(kind)
    error.args = args
    return error


class ConnectionFailedError(SentimentError):
    """The service could not be reached, or the connection broke before the end of the answer.

    Args:
        url: URL of the service.
        reason: the reason in a few words.
        request_id: id of the request; it is in the service's log if the request arrived.
    """

    def __init__(self, url: str, reason: str, request_id: str) -> None:
        super().__init__(f"{url} does not answer: {reason}")
        self.url = url
        self.reason = reason
        self.request_id = request_id


class UnexpectedAnswerError(SentimentError):
    """The answer does not follow the contract: it is from another service, another version, or a proxy.

    Args:
        url: URL of the request.
        status: HTTP status of the answer.
        request_id: id of the request.
        version: the service's version, if it is known and has another contract.
    """

    def __init__(self, url: str, status: int, request_id: str, version: str = "") -> None:
        other = f", its version is {version}" if version else ""
        super().__init__(f"{url} answers {status} with something else than a sentiment service would{other}")
        self.url = url
        self.status = status
        self.request_id = request_id
        self.version = version


class ApiError(SentimentError):
    """The service answered with an error (RFC 9457 problem details).

    Args:
        status: HTTP status.
        problem: the problem document.
        request_id: id of the request.
        retry_after: seconds of the header ``Retry-After``; None without it.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], request_id: str, retry_after: float | None) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        """The problem's URN."""
        self.code = self.type.rpartition(":")[2]
        """Last part of the URN, for instance ``overloaded``."""
        self.title = str(problem.get("title", f"HTTP {status}"))
        self.detail = str(problem.get("detail", ""))
        self.errors: Sequence[Mapping[str, str]] = list(problem.get("errors", ()))
        """The errors of a request that is not valid, each with ``location`` and ``message``."""
        self.request_id = str(problem.get("request_id", request_id))
        self.retry_after = retry_after
        places = "".join(f" [{entry.get('location')}: {entry.get('message')}]" for entry in self.errors)
        super().__init__(f"{self.title}: {self.detail}{places} ({status}, request {self.request_id})")


class InvalidRequestError(ApiError):
    """422 or 415: the request is not valid; `errors` has the locations and messages."""


class TooLargeError(ApiError):
    """413: the body is too large, or its work would take longer than the deadline."""


class UnauthorizedError(ApiError):
    """401: the request has no valid API key."""


class RateLimitedError(ApiError):
    """429: the quota of this client is used up."""


class UnavailableError(ApiError):
    """503: there is no worker or no broker, or too much work is waiting; 502: a proxy cannot reach the service."""


class DeadlineExceededError(ApiError):
    """504: the answer was not ready in time."""


class InferenceFailedError(ApiError):
    """500: the model could process no text of the request."""


class JobUnknownError(ApiError):
    """404: there is no such job, or it belongs to another client."""


class JobExpiredError(ApiError):
    """410: the job has been deleted after its time to live."""


class JobEndedError(ApiError):
    """409: the job has ended, so it cannot be canceled."""


class IdempotencyConflictError(ApiError):
    """422: the idempotency key was used for other texts."""


class JobCanceledError(SentimentError):
    """A job was canceled while the client waited for it.

    Args:
        job_id: id of the job.
    """

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job {job_id} has been canceled")
        self.job_id = job_id


class WaitTimeoutError(SentimentError):
    """A job has not ended within the given time; the job continues.

    Args:
        job_id: id of the job.
        seconds: the given time.
    """

    def __init__(self, job_id: str, seconds: float) -> None:
        super().__init__(f"Job {job_id} has not ended after {seconds:g} s")
        self.job_id = job_id
        self.seconds = seconds


class VersionWarning(UserWarning):
    """The service has another contract than this client."""


_BY_CODE: dict[str, type[ApiError]] = {
    "idempotency-conflict": IdempotencyConflictError,
    "inference-failed": InferenceFailedError,
    "job-ended": JobEndedError,
    "job-expired": JobExpiredError,
    "job-unknown": JobUnknownError,
}
_BY_STATUS: dict[int, type[ApiError]] = {
    401: UnauthorizedError,
    413: TooLargeError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
    502: UnavailableError,
    503: UnavailableError,
    504: DeadlineExceededError,
}


def api_error(status: int, problem: Mapping[str, Any], request_id: str, retry_after: float | None) -> ApiError:
    """Return the error of an answer; its class depends on the problem's code, then on the status."""
    code = str(problem.get("type", "")).rpartition(":")[2]
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, ApiError)
    return kind(status, problem, request_id, retry_after)
