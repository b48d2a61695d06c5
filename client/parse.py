"""Reading the JSON of answers."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from client.errors import UnexpectedAnswerError
from client.wire import Reply

T = TypeVar("T")


def document_of(body: bytes) -> Any:
    """Return the parsed JSON of a body, or None if it is not JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def read(reply: Reply, form: Callable[[Any], T], version: str = "") -> T:
    """Return the value of a successful answer.

    Args:
        reply: the answer.
        form: makes the value from the parsed JSON; may raise LookupError, TypeError, ValueError or AttributeError.
        version: the service's version if it has another contract, for the error.

    Raises:
        UnexpectedAnswerError: the answer has another form.
    """
    try:
        return form(json.loads(reply.body))
    except (LookupError, TypeError, ValueError, AttributeError):
        raise UnexpectedAnswerError(reply.url, reply.status, reply.request_id, version) from None
