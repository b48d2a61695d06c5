"""Errors that make a measurement impossible."""

from shared.contract.errors import SentimentError


class BenchError(SentimentError):
    """A measurement is not possible; the message is one sentence for the user."""


class StoppedError(BenchError):
    """A signal has ended the measurement; no other one may begin."""
