"""Why the stack cannot run."""

from shared.contract.errors import SentimentError


class StackError(SentimentError):
    """The stack cannot start or go on; the message is the one sentence that the user gets."""
