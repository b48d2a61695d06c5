"""Everything that the client raises."""

from collections.abc import Mapping, Sequence
from typing import Any


class SentimentError(Exception):
    """Base of all errors of this package; each can be pickled, with its fields."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Take an error apart for pickle, which would call the class with the message alone."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[SentimentError], args: tuple[Any, ...]) -> SentimentError:
    """Make an error whose fields pickle sets afterwards."""
    error = kind.__new__(kind)
    error.args = args
    return error


class ConnectionFailedError(SentimentError):
    """The service could not be reached, or the connection broke before the answer was there.

    Args:
        url: where it was looked for.
        reason: what went wrong, in a few words.
        request_id: the id under which the request was sent; the service's log has it if it arrived.
    """

    def __init__(self, url: str, reason: str, request_id: str) -> None:
        super().__init__(f"{url} does not answer: {reason}")
        self.url = url
        self.reason = reason
        self.request_id = request_id


class UnexpectedAnswerError(SentimentError):
    """The answer is none of this contract: another service, another version, or a proxy in between.

    Args:
        url: who answered.
        status: its HTTP status.
        request_id: the id under which the request was sent.
        version: what the service says its version is, if it says so and it is another.
    """

    def __init__(self, url: str, status: int, request_id: str, version: str = "") -> None:
        other = f", its version is {version}" if version else ""
        super().__init__(f"{url} answers {status} with something else than a sentiment service would{other}")
        self.url = url
        self.status = status
        self.request_id = request_id
        self.version = version


class ApiError(SentimentError):
    """The service refused or failed, and said why (RFC 9457 problem details).

    Args:
        status: HTTP status.
        problem: the document.
        request_id: the id under which the service knows the request.
        retry_after: seconds after which it is worth trying again, if the service said so.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], request_id: str, retry_after: float | None) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        """The problem's URN."""
        self.code = self.type.rpartition(":")[2]
        """Its last part, for instance ``overloaded``."""
        self.title = str(problem.get("title", f"HTTP {status}"))
        self.detail = str(problem.get("detail", ""))
        self.errors: Sequence[Mapping[str, str]] = list(problem.get("errors", ()))
        """Where and why the request is not valid: ``location`` and ``message``."""
        self.request_id = str(problem.get("request_id", request_id))
        self.retry_after = retry_after
        places = "".join(f" [{entry.get('location')}: {entry.get('message')}]" for entry in self.errors)
        super().__init__(f"{self.title}: {self.detail}{places} ({status}, request {self.request_id})")


class InvalidRequestError(ApiError):
    """422 or 415: the request is not what the service takes; `errors` says where and why."""


class TooLargeError(ApiError):
    """413: too many bytes, or more work than can be done before the deadline."""


class UnauthorizedError(ApiError):
    """401: no valid API key."""


class RateLimitedError(ApiError):
    """429: more requests than this client may make."""


class UnavailableError(ApiError):
    """503: no worker, no queue, or too much is waiting; 502: a proxy cannot reach the service."""


class DeadlineExceededError(ApiError):
    """504: the answer was not ready in time."""


class InferenceFailedError(ApiError):
    """500: the model could process no text of the request."""


class JobUnknownError(ApiError):
    """404: there is no such job, or it is another client's."""


class JobExpiredError(ApiError):
    """410: the job has ended and is kept no longer."""


class JobEndedError(ApiError):
    """409: the job has ended, so it cannot be canceled."""


class IdempotencyConflictError(ApiError):
    """422: the idempotency key belongs to another payload."""


class JobCanceledError(SentimentError):
    """Somebody canceled a job that was being waited for.

    Args:
        job_id: the job.
    """

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job {job_id} has been canceled")
        self.job_id = job_id


class WaitTimeoutError(SentimentError):
    """A job has not ended in the time that was given; it goes on.

    Args:
        job_id: the job.
        seconds: how long it was waited for.
    """

    def __init__(self, job_id: str, seconds: float) -> None:
        super().__init__(f"Job {job_id} has not ended after {seconds:g} s")
        self.job_id = job_id
        self.seconds = seconds


class VersionWarning(UserWarning):
    """The service is of a version that this client was not written for."""


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
    """Choose the class by the problem's code, then by the status."""
    code = str(problem.get("type", "")).rpartition(":")[2]
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, ApiError)
    return kind(status, problem, request_id, retry_after)
