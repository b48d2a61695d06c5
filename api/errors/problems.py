"""The table of all errors that clients receive; `api.http.errors` writes them as RFC 9457 problem details."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import NamedTuple

from shared.contract import errors


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
    """The model could process no text of the request, or not every text where an answer has no room for errors."""


class ModelUnknownError(errors.SentimentError):
    """The request names a model, or a version of it, that is not served.

    Args:
        served: the names or versions that are served.
    """

    def __init__(self, served: Iterable[str]) -> None:
        super().__init__(f"Served here: {', '.join(served)}.")


class LabelsChangedError(errors.SentimentError):
    """An answer was computed by a model whose labels are not those of the active one."""


class EmptyInputError(errors.SentimentError):
    """The request has no text, or an empty one, which its protocol does not allow."""


class NotReadyError(errors.SentimentError):
    """A health check found a part that is not available.

    Args:
        parts: state of every part, by its name.
    """

    def __init__(self, parts: Mapping[str, str]) -> None:
        missing = [f"{name} ({state})" for name, state in parts.items() if state != "ok"]
        super().__init__(f"Missing: {', '.join(missing)}.")
        self.parts = parts


class ProblemEntry(NamedTuple):
    """The status and the texts of one error in the table."""

    status: HTTPStatus
    code: str
    title: str
    detail: str
    retry_after: int | None = None


PROBLEMS: dict[type[Exception], ProblemEntry] = {
    InvalidRequestError: ProblemEntry(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "Invalid request",
        "The request is not valid; see errors.",
    ),
    BodyTooLargeError: ProblemEntry(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        "Body too large",
        "Send fewer or shorter texts.",
    ),
    UnauthorizedError: ProblemEntry(
        HTTPStatus.UNAUTHORIZED,
        "unauthorized",
        "Unauthorized",
        "Send a valid API key: Authorization: Bearer KEY.",
    ),
    RateLimitedError: ProblemEntry(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate-limited",
        "Too many requests",
        "You ask more often than you may.",
        1,
    ),
    BodyTimeoutError: ProblemEntry(
        HTTPStatus.REQUEST_TIMEOUT,
        "body-timeout",
        "Body too slow",
        "The body did not arrive in time.",
    ),
    errors.TooMuchWorkError: ProblemEntry(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-much-work",
        "Too much work for one synchronous request",
        "These texts cannot be classified before the deadline, so trying again would not help: "
        "send fewer texts at once, or submit them as a job.",
    ),
    InferenceFailedError: ProblemEntry(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "inference-failed",
        "Inference failed",
        "The model could not process it.",
    ),
    EmptyInputError: ProblemEntry(
        HTTPStatus.BAD_REQUEST,
        "empty-input",
        "Empty input",
        "`inputs` cannot be empty.",
    ),
    ModelUnknownError: ProblemEntry(
        HTTPStatus.NOT_FOUND,
        "model-unknown",
        "No such model",
        "This model, or this version of it, is not served here.",
    ),
    LabelsChangedError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "labels-changed",
        "Labels change",
        "A model with other labels is taking over; the next answers will have its labels.",
        1,
    ),
    errors.NoWorkerError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "no-worker",
        "No worker",
        "No worker is there to compute the answer.",
        2,
    ),
    errors.BrokerUnavailableError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "queue-unavailable",
        "Queue unavailable",
        "The queue cannot be reached.",
        1,
    ),
    errors.OutcomeUnknownError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "outcome-unknown",
        "Outcome unknown",
        "The job may have been accepted: too few replicas of the broker have confirmed it in time. "
        "Send it again with the same Idempotency-Key; without a key it may run twice.",
        1,
    ),
    errors.OverloadedError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "overloaded",
        "Overloaded",
        "The queue is too deep to answer in time.",
        1,
    ),
    errors.JobsFullError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "jobs-full",
        "Too many jobs",
        "Too much work is waiting to accept more of it now.",
        10,
    ),
    errors.JobUnknownError: ProblemEntry(
        HTTPStatus.NOT_FOUND, "job-unknown", "No such job", "Its id is wrong, or it is another client's."
    ),
    errors.JobExpiredError: ProblemEntry(
        HTTPStatus.GONE, "job-expired", "Job expired", "The job has expired; its results are kept no longer."
    ),
    errors.JobEndedError: ProblemEntry(
        HTTPStatus.CONFLICT, "job-ended", "Job has ended", "The job has ended, so it cannot be canceled."
    ),
    errors.IdempotencyConflictError: ProblemEntry(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-conflict",
        "Idempotency key used before",
        "This idempotency key belongs to another payload; use a new one.",
    ),
    NotReadyError: ProblemEntry(
        HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not ready", "A part of the service is missing.", 1
    ),
    errors.DeadlineExceededError: ProblemEntry(
        HTTPStatus.GATEWAY_TIMEOUT,
        "deadline-exceeded",
        "Deadline exceeded",
        "The answer was not ready in time; work that had begun still fills the cache.",
    ),
}
CODES = tuple(problem.code for problem in PROBLEMS.values())
"""The problem codes of all exceptions in the table."""
