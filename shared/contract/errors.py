"""Failures that cross module borders. They know nothing of HTTP: `api.problems` maps them."""


class SentimentError(Exception):
    """Base of every failure that this product raises on purpose."""


class BrokerUnavailableError(SentimentError):
    """The broker did not answer in time, or refused the connection."""


class NoWorkerError(SentimentError):
    """No live worker has announced itself, so a miss cannot be computed."""


class OverloadedError(SentimentError):
    """The queue is too deep to answer in time.

    Args:
        retry_after: seconds until it is likely to have drained.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("the queue is too deep to answer in time")
        self.retry_after = retry_after


class TooMuchWorkError(SentimentError):
    """The request could not meet the deadline even on idle workers.

    Args:
        estimate: seconds of work that the fleet would need.
    """

    def __init__(self, estimate: float) -> None:
        super().__init__(f"about {estimate:.1f} s of work")
        self.estimate = estimate


class JobsFullError(SentimentError):
    """Too much work is waiting, or the broker's memory is short."""


class JobUnknownError(SentimentError):
    """There is no such job, or it is somebody else's."""


class JobExpiredError(SentimentError):
    """The job was there, and is kept no longer."""


class JobEndedError(SentimentError):
    """The job has ended, so it cannot be canceled."""


class IdempotencyConflictError(SentimentError):
    """The idempotency key has been used for another payload."""


class DeadlineExceededError(SentimentError):
    """The deadline passed before every text had its answer."""


class SettingsError(SentimentError):
    """A setting has a value that cannot work; the message names the setting and never quotes the value."""


class UnsafeSettingsError(SentimentError):
    """Settings that are fit for a desk only, in production.

    Args:
        flaws: a sentence for each.
    """

    def __init__(self, flaws: list[str]) -> None:
        listed = "".join(f"\n  - {flaw}" for flaw in flaws)
        super().__init__(f"SENTIMENT_ENV is production, so these settings are refused:{listed}")


class ModelError(SentimentError):
    """A model cannot be loaded, baked or trusted; the message says which and why."""
