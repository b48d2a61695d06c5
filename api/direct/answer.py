"""The bytes of an answer."""

from typing import NamedTuple


class Answer(NamedTuple):
    """An answer to a request."""

    status: int
    head: bytes
    """Lines of its headers, without those that all answers of the server have."""
    body: bytes
