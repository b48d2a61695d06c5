"""Reading JSON that somebody else wrote."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from client.errors import UnexpectedAnswerError
from client.wire import Reply

T = TypeVar("T")


def document_of(body: bytes) -> Any:
    """Return the JSON document, or None if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def read(reply: Reply, form: Callable[[Any], T], version: str = "") -> T:
    """Read a good answer.

    Args:
        reply: the answer.
        form: makes a value of the document; raises what reading a foreign document raises.
        version: the service's, if it is another than ours; for the error.

    Raises:
        UnexpectedAnswerError: it is of another form.
    """
    try:
        return form(json.loads(reply.body))
    except (LookupError, TypeError, ValueError, AttributeError):
        raise UnexpectedAnswerError(reply.url, reply.status, reply.request_id, version) from None
