"""uvicorn's HTTP protocol with additional rules of RFC 9110 and 9112.

- A request to upgrade the connection is answered without the upgrade (RFC 9110, 7.8). The parser treats all data after
  such a request's headers as another protocol, so its body would be lost, or read as the next request.
- A request must have exactly one Host (RFC 9112, 3.2). The length of its headers is limited. Trailers are not headers
  (RFC 9110, 6.5.1).
- If a request cannot be parsed, the earlier requests of the connection are answered first, so that each answer belongs
  to its request.

This module uses names of uvicorn that are private or not documented: `HttpToolsProtocol` with `parser`, `headers`,
`url`, `scope`, `expect_100_continue`, `cycle`, `pipeline`, `on_*`, `_should_upgrade` and
`_unset_keepalive_if_required`, and `STATUS_LINE`. `tests/unit/api/http/test_connection.py` looks for each of them.
"""

from functools import partial
from http import HTTPStatus
from typing import Any, Final, NoReturn

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MOST_TARGET: Final = 8 * 1024
"""Most bytes of a request's target; more is 414."""
MOST_HEAD: Final = 64 * 1024
"""Most bytes of a request's head; more is 431."""
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_OF_UPGRADES: Final = frozenset({b"upgrade", b"http2-settings"})


class _Dropped(list[tuple[bytes, bytes]]):
    """Takes the place of a request's headers after its head, so that trailers are not added to them."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        """Drop a trailer."""


_DROPPED: Final = _Dropped()


class _Standing:
    """Lines of the headers that all answers of the process have, and the list that they were made of."""

    headers: object = None
    lines = b""


_standing: Final = _Standing()


class StrictProtocol(HttpToolsProtocol):
    """One connection to a client.

    Args:
        rest: arguments of uvicorn's protocol.
    """

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.url = b""
        self._in_head = True
        self._head_bytes = 0
        self._received = 0
        """Bytes of the last piece of data."""
        self._arrived = 0
        """Bytes of all pieces of data since the one in which the current head began."""
        self._head: list[tuple[bytes, bytes]] = []
        """Headers of the last request whose head is complete."""
        self._refused = HTTPStatus.BAD_REQUEST
        self._deaf = False
        """Whether further input is dropped, because a request could not be parsed."""

    def data_received(self, data: bytes) -> None:
        """Parse data, and begin each request whose headers are complete."""
        if self._deaf:
            return
        self._unset_keepalive_if_required()
        self._received = len(data)
        self._arrived += self._received
        if self._in_head:
            self._head_bytes += self._received
        try:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                self._feed_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refused)
        else:
            if self._in_head and self._head_bytes > MOST_TARGET:
                self._refuse_long_head()

    def on_message_begin(self) -> None:
        """Begin the head of a request; `_begin_request` makes uvicorn's objects."""
        self._in_head, self._arrived = True, self._received
        self.url, self.expect_100_continue, self.headers = b"", False, []

    def on_headers_complete(self) -> None:
        """Check the headers, and begin the request."""
        self._in_head, self._head_bytes = False, 0
        self._head = headers = self.headers
        # Each hit pays for these checks, so lengths are added up only if enough data has arrived.
        if len(self.url) > MOST_TARGET:
            self._end_parsing(HTTPStatus.REQUEST_URI_TOO_LONG)
        if self._arrived > MOST_HEAD and sum(len(name) + len(value) for name, value in headers) > MOST_HEAD:
            self._end_parsing(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        version, hosts = self.parser.get_http_version(), [name for name, _ in headers].count(b"host")
        if version not in _VERSIONS or hosts > 1 or (not hosts and version == "1.1"):
            self._end_parsing(HTTPStatus.BAD_REQUEST)
        self._begin_request()
        self.headers = _DROPPED

    def _begin_request(self) -> None:
        """Make uvicorn's objects of the request whose head is complete, and start it, or queue it behind others."""
        url, expects = self.url, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.scope["headers"] = self._head
        super().on_headers_complete()

    def _should_upgrade(self) -> bool:
        """Refuse CONNECT; otherwise return True, so that uvicorn does not begin a request with an upgrade.

        `_feed_without_upgrade` begins it instead.
        """
        if self.scope["method"] == "CONNECT":
            self._end_parsing(HTTPStatus.BAD_REQUEST)
        return True

    def _feed_without_upgrade(self, rest: bytes) -> None:
        """Parse the head whose parsing has ended again, without its upgrade, and then the data after it."""
        data = self._head_without_upgrade() + rest
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._feed_without_upgrade(data[upgrade.args[0] :])

    def _head_without_upgrade(self) -> bytes:
        """Return the parsed request line and headers, without those that ask for an upgrade."""
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        for name, value in self._head:
            if name == b"connection":
                options = [option.strip() for option in value.split(b",")]
                lines.append(b"connection: " + b",".join(o for o in options if o.lower() not in _OF_UPGRADES))
            elif name not in _OF_UPGRADES:
                lines.append(name + b": " + value)
        return b"\r\n".join((*lines, b"", b""))

    def _end_parsing(self, status: HTTPStatus) -> NoReturn:
        """Store the status of the refusal, and raise an error through the parser, which ends its call."""
        self._refused = status
        raise httptools.HttpParserError

    def _refuse_long_head(self) -> None:
        """Refuse a request if its head is too long, although it is not complete."""
        if len(self.url) > MOST_TARGET:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG)
        elif self._head_bytes > MOST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer with a refusal and close the connection, because the begin of the next request is not known.

        Earlier requests that have no answer yet are answered first. If the head could not be parsed, the connection
        closes after their answers, without a refusal.
        """
        self._deaf = True
        self.logger.warning("request refused", extra={"reason": status.phrase})
        cycle = self.cycle
        begun = cycle is not None and cycle.more_body and not cycle.response_started
        if begun and self.pipeline:
            self.pipeline[0] = cycle, partial(_answer_refused, status)
        elif begun or cycle is None or cycle.response_complete:
            self._write_refusal(status)
            self.transport.close()
        else:
            cycle.keep_alive = False  # closes the connection after the last request that could be parsed

    def _standing(self) -> bytes:
        """Return the lines of the headers that all answers have; uvicorn replaces their list once a second."""
        headers = self.server_state.default_headers
        if _standing.headers is not headers:
            _standing.headers, _standing.lines = headers, b"".join([b"%b: %b\r\n" % header for header in headers])
        return _standing.lines

    def _write_refusal(self, status: HTTPStatus) -> None:
        headers, body = _refusal(status)
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        self.transport.write(b"".join((STATUS_LINE[status], self._standing(), lines, b"\r\n", body)))


def _refusal(status: HTTPStatus) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return headers and body of the answer to a request that could not be parsed."""
    text = status.phrase.encode()
    length = str(len(text)).encode()
    return [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", length),
        (b"connection", b"close"),
    ], text


async def _answer_refused(status: HTTPStatus, _scope: Any, _receive: Any, send: Any) -> None:
    """Answer, as an ASGI app, a request whose body could not be parsed while it waited behind others."""
    headers, body = _refusal(status)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
