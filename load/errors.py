"""Errors that make a measurement impossible."""

from shared.contract.errors import SentimentError


class BenchError(SentimentError):
    """A measurement is not possible; the message is one sentence for the user."""


class StackStoppedError(BenchError):
    """The product did not start, failed or was stopped; other measurements would fail too."""
