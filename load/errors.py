"""Errors that make a measurement impossible."""

from shared.contract.errors import SentimentError


class BenchError(SentimentError):
    """The message is the one sentence that the user gets."""


class StackStoppedError(BenchError):
    """The product did not start, failed, or was asked to stop; to go on with something else makes no sense."""
