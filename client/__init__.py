"""A client of the sentiment service, for ordinary code and for asyncio; `client.cli` is the command ``sentiment``.

It imports no code of the service, so it can be installed or copied without the service.
"""

from client.aio import AsyncSentimentClient
from client.errors import (
    ApiError,
    ConnectionFailedError,
    DeadlineExceededError,
    IdempotencyConflictError,
    InferenceFailedError,
    InvalidRequestError,
    JobCanceledError,
    JobEndedError,
    JobExpiredError,
    JobUnknownError,
    RateLimitedError,
    SentimentError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    UnexpectedAnswerError,
    VersionWarning,
    WaitTimeoutError,
)
from client.models import Batch, Health, Job, Outcome, Prediction, Service, ServingEngine, TextFailure
from client.sync import SentimentClient
from client.version import VERSION

__all__ = [
    "VERSION",
    "ApiError",
    "AsyncSentimentClient",
    "Batch",
    "ConnectionFailedError",
    "DeadlineExceededError",
    "Health",
    "IdempotencyConflictError",
    "InferenceFailedError",
    "InvalidRequestError",
    "Job",
    "JobCanceledError",
    "JobEndedError",
    "JobExpiredError",
    "JobUnknownError",
    "Outcome",
    "Prediction",
    "RateLimitedError",
    "SentimentClient",
    "SentimentError",
    "Service",
    "ServingEngine",
    "TextFailure",
    "TooLargeError",
    "UnauthorizedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "VersionWarning",
    "WaitTimeoutError",
]
