"""The supported media types and codings of a request's body, for the direct way and the routes (RFC 9110, 8.3 and 8.4).

JSON is always UTF-8 (RFC 8259, 8.1), so a charset and other parameters of a media type are ignored.
"""

import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

JSON: Final = b"application/json"
_LONGEST: Final = 200
"""Most bytes of a header's value; longer ones are refused, so that the cache below does not keep them."""
_PIECE: Final = 64 * 1024
"""Most bytes that are unpacked at a time."""
_MEMBERS: Final = 64
"""Most members of a gzip body; each member costs time, even if it is empty."""
_HEADER_BYTES: Final = 2
_GZIP: Final = 16 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


class UnsupportedContentError(ValueError):
    """The headers of a request declare an unsupported media type or coding.

    Args:
        detail: sentence that names the supported ones.
        headers: additional headers of the answer.
    """

    def __init__(self, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.headers = headers or {}


class CorruptContentError(ValueError):
    """The packed bytes of a body are incomplete, or are not in the declared coding."""


class Inflater:
    """Unpacks a body in pieces of limited size.

    Args:
        window: zlib's `wbits` for the format. None means deflate, with the zlib header that RFC 9110 requires or
            without it, as some clients send; the first bytes decide.
    """

    def __init__(self, window: int | None) -> None:
        self._window = window
        self._members = 1
        self._first = b""
        self._stream: Any = zlib.decompressobj(window) if window is not None else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the unpacked pieces of the next packed bytes.

        Raises:
            CorruptContentError: the bytes are not in this coding, or have too many members.
        """
        if self._stream is None:
            data = self._first + data
            if len(data) < _HEADER_BYTES:
                self._first = data
                return
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(data) else _RAW)
        full = False
        while data or full:
            if self._stream.eof:
                self._begin_member()
            try:
                piece = self._stream.decompress(data, _PIECE)
            except zlib.error:
                raise CorruptContentError from None
            full = len(piece) == _PIECE and not self._stream.eof
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def _begin_member(self) -> None:
        """Begin the next member of a gzip body; other formats cannot have several members."""
        self._members += 1
        if self._window != _GZIP or self._members > _MEMBERS:
            raise CorruptContentError
        self._stream = zlib.decompressobj(_GZIP)

    def end(self) -> None:
        """Check that the body was complete.

        Raises:
            CorruptContentError: the body is incomplete.
        """
        if self._stream is None or not self._stream.eof:
            raise CorruptContentError


class Content(NamedTuple):
    """The declared content of a request."""

    inflater: Callable[[], Inflater] | None
    """Makes the object that unpacks the body; None if the body is not packed."""


_PLAIN: Final = Content(None)
_GZIPPED: Final = Content(lambda: Inflater(_GZIP))
_CODINGS: Final = {
    b"": _PLAIN,
    b"identity": _PLAIN,
    b"gzip": _GZIPPED,
    b"x-gzip": _GZIPPED,
    b"deflate": Content(lambda: Inflater(None)),
}


def content_of(content_type: bytes, content_encoding: bytes = b"") -> Content:
    """Return the declared content of a request by its headers.

    Args:
        content_type: value of the header; empty if there is none.
        content_encoding: value of the header, with several lines joined by commas; empty if there is none.

    Raises:
        UnsupportedContentError: it is not JSON, or is packed with another coding or more than once.
    """
    if len(content_type) > _LONGEST or len(content_encoding) > _LONGEST:
        raise UnsupportedContentError("Content-Type or Content-Encoding is too long.")
    return _content_of(content_type, content_encoding)


@lru_cache(maxsize=64)
def _content_of(content_type: bytes, content_encoding: bytes) -> Content:
    media_type = content_type.partition(b";")[0].strip().lower()
    if media_type and media_type != JSON and not media_type.endswith(b"+json"):
        raise UnsupportedContentError("Send the body as application/json.")
    content = _CODINGS.get(content_encoding.strip().lower())
    if content is None:
        accepted = "gzip, deflate"
        raise UnsupportedContentError(
            f"Send the body as it is, or packed once: {accepted}.", {"Accept-Encoding": accepted}
        )
    return content


def is_plain(headers: dict[bytes, bytes]) -> bool:
    """Whether a request's headers (names in lower case, each once) declare its body as JSON that is not packed."""
    if headers.get(b"content-type") == JSON and b"content-encoding" not in headers:
        return True  # most requests; each hit pays for this function
    try:
        content = content_of(headers.get(b"content-type", b""), headers.get(b"content-encoding", b""))
    except UnsupportedContentError:
        return False
    return content.inflater is None


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0  # RFC 1950, 2.2
