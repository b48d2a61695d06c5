"""Headers that restrict how browsers use an answer."""

from collections.abc import Iterable
from typing import Final

Header = tuple[bytes, bytes]

_ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNLESS_SET: Final[dict[bytes, bytes]] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}


def secured(headers: Iterable[Header]) -> list[Header]:
    """Return an answer's headers with the missing security headers; its own policy and Cache-Control are kept."""
    given = list(headers)
    names = {name for name, _ in given}
    return [*given, *_ALWAYS, *((name, value) for name, value in _UNLESS_SET.items() if name not in names)]


def lines(headers: Iterable[Header]) -> bytes:
    """Return the lines of headers."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])
