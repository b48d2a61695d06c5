"""The bytes of an answer."""

from collections.abc import Iterable
from typing import NamedTuple

from api.security.headers import Header


class Answer(NamedTuple):
    """An answer to a request."""

    status: int
    head: bytes
    """Lines of its headers, without those that all answers of the server have."""
    body: bytes


def lines(headers: Iterable[Header]) -> bytes:
    """Return the lines of headers."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])
