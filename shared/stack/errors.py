"""The error of the launcher."""

from shared.contract.errors import SentimentError


class StackError(SentimentError):
    """The stack cannot start or continue; the message is one sentence for the user."""
