"""How the command ends: exit codes, and errors as one sentence on stderr."""

from enum import IntEnum

import click

from client.errors import (
    ConnectionFailedError,
    DeadlineExceededError,
    RateLimitedError,
    SentimentError,
    UnauthorizedError,
    UnavailableError,
    UnexpectedAnswerError,
    WaitTimeoutError,
)


class Exit(IntEnum):
    """Exit codes, besides 128 + the number of a signal."""

    DONE = 0
    FAILED = 1
    """It cannot be done: the service refused, or the input or the output is damaged."""
    USAGE = 2
    """The line is wrong: an option, a file, a column."""
    TEXTS_FAILED = 3
    """Done, but some texts have an error in place of a label."""
    NOT_NOW = 4
    """The service is away, or too busy, or took too long: the same line may do later."""


class CommandError(click.ClickException):
    """The command ends with one sentence.

    Args:
        message: the sentence.
        code: the exit code.
    """

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code


_NOT_NOW = (ConnectionFailedError, DeadlineExceededError, RateLimitedError, UnavailableError, WaitTimeoutError)
_NOT_FOUND = 404


def as_command_error(error: SentimentError) -> CommandError:
    """Return a sentence on how to mend an error of the client."""
    code = Exit.NOT_NOW if isinstance(error, _NOT_NOW) else Exit.FAILED
    hint = ""
    if isinstance(error, ConnectionFailedError):
        hint = (
            "\nIs the service up (`make run` starts one), and is this its address? "
            "Another is given by --url or SENTIMENT_URL."
        )
    elif isinstance(error, UnauthorizedError):
        hint = "\nPut the key into SENTIMENT_API_KEY, or give --api-key."
    elif isinstance(error, UnexpectedAnswerError) or getattr(error, "code", "") in {"not-found", "http-404"}:
        hint = "\nAre --url and --service those of a sentiment service?"
    return CommandError(f"{error}{hint}", code)
