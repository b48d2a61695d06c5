"""Exceptions that several modules use. They have no HTTP status; `api.errors.problems` maps them to answers."""


class SentimentError(Exception):
    """Base of every failure that this product raises on purpose."""


class BrokerUnavailableError(SentimentError):
    """The broker did not answer in time, or refused the connection."""


class OutcomeUnknownError(SentimentError):
    """A job may have been accepted: no replica of the broker has confirmed it in time."""


class NoWorkerError(SentimentError):
    """No live worker has announced itself, so a miss cannot be computed."""


class OverloadedError(SentimentError):
    """Too much work waits to answer in time.

    Args:
        retry_after: estimated seconds until the waiting work is done.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("the queue is too deep to answer in time")
        self.retry_after = retry_after


class TooMuchWorkError(SentimentError):
    """Even idle workers could not finish the request before its deadline.

    Args:
        estimate: seconds of work that the fleet would need.
    """

    def __init__(self, estimate: float) -> None:
        super().__init__(f"about {estimate:.1f} s of work")
        self.estimate = estimate


class JobsFullError(SentimentError):
    """Too much work is waiting, or the broker's memory is short."""


class JobUnknownError(SentimentError):
    """There is no such job, or it belongs to another client."""


class JobExpiredError(SentimentError):
    """The job existed, but has been deleted after its time to live."""


class JobEndedError(SentimentError):
    """The job has ended, so it cannot be canceled."""


class IdempotencyConflictError(SentimentError):
    """The idempotency key has been used for another payload."""


class DeadlineExceededError(SentimentError):
    """The deadline passed before every text had its answer."""


class SettingsError(SentimentError):
    """A setting has a value that cannot work; the message names the setting and never quotes the value."""


class UnsafeSettingsError(SentimentError):
    """Settings in production mode that are safe only for development.

    Args:
        flaws: one sentence for each unsafe setting.
    """

    def __init__(self, flaws: list[str]) -> None:
        listed = "".join(f"\n  - {flaw}" for flaw in flaws)
        super().__init__(f"SENTIMENT_ENV is production, so these settings are refused:{listed}")


class ModelError(SentimentError):
    """A model cannot be loaded or baked, or has unexpected files; the message names the model and the reason."""
