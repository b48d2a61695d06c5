"""A client of the sentiment service, for ordinary code and for asyncio; `client.cli` is the command ``sentiment``.

It imports no code of the service, so it can be installed or copied without the service. Its modules are imported when
they are needed, so that an interruption of the command while it starts prints no traceback.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from client.aio import AsyncSentimentClient
    from client.card import Measured, ModelCard
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
    from client.models import Batch, Details, Health, Job, Outcome, Prediction, Service, ServingEngine, TextFailure
    from client.sync import SentimentClient
    from client.version import VERSION

__all__ = [
    "VERSION",
    "ApiError",
    "AsyncSentimentClient",
    "Batch",
    "ConnectionFailedError",
    "DeadlineExceededError",
    "Details",
    "Health",
    "IdempotencyConflictError",
    "InferenceFailedError",
    "InvalidRequestError",
    "Job",
    "JobCanceledError",
    "JobEndedError",
    "JobExpiredError",
    "JobUnknownError",
    "Measured",
    "ModelCard",
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
_MODULES = ("aio", "sync", "models", "card", "version", "errors")

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a public name, or a module."""
        if name in __all__:
            modules = (import_module(f"client.{module}") for module in _MODULES)
            value = next(vars(module)[name] for module in modules if name in vars(module))
            globals()[name] = value
            return value
        if name in _MODULES:
            return import_module(f"client.{name}")
        raise AttributeError(f"module 'client' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return the public names."""
        return sorted({*globals(), *__all__})
