"""The table of requests that RFC 9110 and 9112 allow or forbid, with the right answers."""

import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass

KNOWN = "a text whose answer is kept"
PATH = b"/project/predict"
_CL = b"Content-Length: %d\r\n"


@dataclass(frozen=True)
class Row:
    """One request to the prediction route."""

    name: str
    headers: bytes = b""
    """More header lines, each with its end."""
    coding: str = "length"
    """How the body is sent: `length`, `chunked`, `gzip`, `deflate`, `raw`, `bom`, or `as given` (`body`)."""
    line: bytes = b"POST " + PATH + b" HTTP/1.1"
    host: bytes = b"Host: test\r\n"
    status: int = 200
    goes_on: bool = True
    body: bytes | None = None

    def write(self, text: str) -> tuple[bytes, bytes]:
        """Return head and body of the request for a text."""
        body = json.dumps({"text": text}).encode() if self.body is None else self.body
        framing = b""
        if self.coding == "chunked":
            cut = len(body) // 2
            body = b'%x;name="value"\r\n%b\r\n%x\r\n%b\r\n0\r\nTrailer-Field: x\r\n\r\n' % (
                cut,
                body[:cut],
                len(body) - cut,
                body[cut:],
            )
            framing = b"Transfer-Encoding: chunked\r\n"
        elif self.coding != "as given":
            body = _PACKED[self.coding](body)
            framing = _CL % len(body)
        return self.line + b"\r\n" + self.host + framing + self.headers + b"\r\n", body


def _raw(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


_PACKED: dict[str, Callable[[bytes], bytes]] = {
    "length": lambda data: data,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw": _raw,
    "bom": lambda data: b"\xef\xbb\xbf" + data,
}
_JSON = b"Content-Type: application/json\r\n"
_H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"
_WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"

ANSWERED = (
    Row("plain", _JSON),
    Row("no type"),
    Row("chunked", _JSON, "chunked"),
    # Connection and Upgrade
    Row("upgrade to HTTP/2", _JSON + _H2C),
    Row("upgrade to HTTP/2, chunked", _JSON + _H2C, "chunked"),
    Row("upgrade to HTTP/2, then close", _JSON + _H2C + b"Connection: close\r\n", goes_on=False),
    Row("upgrade to WebSocket", _JSON + _WEBSOCKET),
    Row("upgrade to something", _JSON + b"Connection: keep-alive, Upgrade\r\nUpgrade: foo/2, bar\r\n"),
    Row("upgrade without the option", _JSON + b"Upgrade: h2c\r\n"),
    Row("option without upgrade", _JSON + b"Connection: upgrade\r\n"),
    Row("upgrade in other case", _JSON + b"CONNECTION: UPGRADE\r\nUPGRADE: H2C\r\n"),
    Row("keep-alive", _JSON + b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"),
    Row("close", _JSON + b"Connection: close\r\n", goes_on=False),
    Row("HTTP/1.0", _JSON, line=b"POST " + PATH + b" HTTP/1.0", goes_on=False),
    Row("HTTP/1.0 without Host", _JSON, line=b"POST " + PATH + b" HTTP/1.0", host=b"", goes_on=False),
    # Target
    Row("absolute form", _JSON, line=b"POST http://test" + PATH + b" HTTP/1.1"),
    Row("query", _JSON, line=b"POST " + PATH + b"?a=1&b HTTP/1.1"),
    Row("escaped letters", _JSON, line=b"POST /project/%70redict HTTP/1.1"),
    # Content
    Row("charset", b"Content-Type: application/json; charset=utf-8\r\n"),
    Row("charset in quotes", b'content-type: Application/JSON;Charset="UTF-8"\r\n'),
    Row("another charset", b"Content-Type: application/json; charset=iso-8859-1\r\n"),
    Row("a JSON type", b"Content-Type: application/vnd.example+json\r\n"),
    Row("gzip", _JSON + b"Content-Encoding: gzip\r\n", "gzip"),
    Row("x-gzip", _JSON + b"Content-Encoding: X-GZIP\r\n", "gzip"),
    Row("deflate", _JSON + b"Content-Encoding: deflate\r\n", "deflate"),
    Row("deflate without zlib's header", _JSON + b"Content-Encoding: deflate\r\n", "raw"),
    Row("identity", _JSON + b"Content-Encoding: identity\r\n"),
    Row("byte order mark", _JSON, "bom"),
    # Expectations, conditions, ranges, negotiation
    Row("100-continue", _JSON + b"Expect: 100-continue\r\n"),
    Row("another expectation", _JSON + b"Expect: a-miracle\r\n"),
    Row(
        "conditions",
        _JSON + b'If-Match: "a"\r\nIf-None-Match: *\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n',
    ),
    Row("range", _JSON + b"Range: bytes=0-1\r\n"),
    Row("accepts nothing of ours", _JSON + b"Accept: text/html\r\nAccept-Encoding: br\r\nAccept-Charset: utf-7\r\n"),
    # Fields
    Row("odd spaces", b"Content-Type:\tapplication/json  \r\nX-Empty:\r\n"),
    Row("a field twice", _JSON + b"X-Twice: 1\r\nX-Twice: 2\r\n"),
    Row("many fields", _JSON + b"".join(b"X-Field-%d: value\r\n" % number for number in range(200))),
    Row("bytes beyond ASCII", _JSON + b"X-Name: J\xfcrgen\r\n"),
)

_TEXT = b'{"text":"x"}'
_LINE = b"POST " + PATH + b" HTTP/1.1"
REFUSED = (
    # Method and target
    Row("method in lower case", line=b"post " + PATH + b" HTTP/1.1", status=400, goes_on=False),
    Row("unknown method", line=b"FOO " + PATH + b" HTTP/1.1", status=400, goes_on=False),
    Row("CONNECT", line=b"CONNECT test:443 HTTP/1.1", coding="as given", body=b"", status=400, goes_on=False),
    Row("CONNECT to a path", line=b"CONNECT /livez HTTP/1.1", coding="as given", body=b"", status=400, goes_on=False),
    Row("TRACE", line=b"TRACE " + PATH + b" HTTP/1.1", coding="as given", body=b"", status=405),
    Row("PUT", line=b"PUT " + PATH + b" HTTP/1.1", status=405),
    Row("DELETE with a body", line=b"DELETE " + PATH + b" HTTP/1.1", status=405),
    Row("GET with a body", line=b"GET " + PATH + b" HTTP/1.1", status=405),
    Row("unknown path", line=b"POST /project//predict HTTP/1.1", status=404),
    Row("dot segments", line=b"POST /project/../project/predict HTTP/1.1", status=404),
    Row("escaped slash", line=b"POST /project%2Fjobs%2F HTTP/1.1", status=404),
    Row("target of 9 kB", line=b"POST /" + b"a" * 9000 + b" HTTP/1.1", status=414, goes_on=False),
    Row(
        "HTTP/2's preface",
        line=b"PRI * HTTP/2.0",
        host=b"",
        coding="as given",
        body=b"SM\r\n\r\n",
        status=400,
        goes_on=False,
    ),
    Row("HTTP/3.0", line=b"POST " + PATH + b" HTTP/3.0", status=400, goes_on=False),
    Row("no version", line=b"POST " + PATH, status=400, goes_on=False),
    # Host
    Row("no Host", host=b"", status=400, goes_on=False),
    Row("two Hosts", host=b"Host: test\r\nHost: test\r\n", status=400, goes_on=False),
    # Framing
    Row(
        "length and chunked",
        _CL % 12 + b"Transfer-Encoding: chunked\r\n",
        "as given",
        body=_TEXT,
        status=400,
        goes_on=False,
    ),
    Row(
        "chunked and length",
        b"Transfer-Encoding: chunked\r\n" + _CL % 12,
        "as given",
        body=_TEXT,
        status=400,
        goes_on=False,
    ),
    Row("two lengths", _CL % 12 + _CL % 13, "as given", body=_TEXT, status=400, goes_on=False),
    Row("the same length twice", _CL % 12 + _CL % 12, "as given", body=_TEXT, status=400, goes_on=False),
    Row("list of lengths", b"Content-Length: 12, 12\r\n", "as given", body=_TEXT, status=400, goes_on=False),
    Row("length with a sign", b"Content-Length: +12\r\n", "as given", body=_TEXT, status=400, goes_on=False),
    Row("negative length", b"Content-Length: -12\r\n", "as given", body=_TEXT, status=400, goes_on=False),
    Row("hexadecimal length", b"Content-Length: 0xc\r\n", "as given", body=_TEXT, status=400, goes_on=False),
    Row(
        "length beyond 64 bits",
        b"Content-Length: 99999999999999999999\r\n",
        "as given",
        body=_TEXT,
        status=400,
        goes_on=False,
    ),
    Row(
        "chunked is not last",
        b"Transfer-Encoding: chunked, gzip\r\n",
        "as given",
        body=b"0\r\n\r\n",
        status=400,
        goes_on=False,
    ),
    Row("bad size of a chunk", b"Transfer-Encoding: chunked\r\n", "as given", body=b"z\r\n", status=400, goes_on=False),
    Row(
        "negative size of a chunk",
        b"Transfer-Encoding: chunked\r\n",
        "as given",
        body=b"-1\r\n",
        status=400,
        goes_on=False,
    ),
    Row(
        "chunk longer than its size",
        b"Transfer-Encoding: chunked\r\n",
        "as given",
        body=b"1\r\nabc\r\n0\r\n\r\n",
        status=400,
        goes_on=False,
    ),
    # Fields
    Row("folded field", b"X-Long: a\r\n b\r\n", status=400, goes_on=False),
    Row("NUL in a value", b"X-Bad: a\0b\r\n", status=400, goes_on=False),
    Row("CR in a value", b"X-Bad: a\rb\r\n", status=400, goes_on=False),
    Row("lines that end with LF", b"X-Bad: a\nX-Worse: b\n", status=400, goes_on=False),
    Row("space before the colon", b"X-Bad : a\r\n", status=400, goes_on=False),
    Row("field without a name", b": a\r\n", status=400, goes_on=False),
    Row("field without a colon", b"nonsense\r\n", status=400, goes_on=False),
    Row("field of 70 kB", b"X-Long: " + b"a" * 70_000 + b"\r\n", status=431, goes_on=False),
    Row("fields of 80 kB", b"".join(b"X-%d: %b\r\n" % (n, b"a" * 70) for n in range(1000)), status=431, goes_on=False),
    # Content
    Row("another type", b"Content-Type: text/plain\r\n", status=415),
    Row("a form", b"Content-Type: application/x-www-form-urlencoded\r\n", status=415),
    Row("another coding", b"Content-Encoding: br\r\n", status=415),
    Row("two codings", b"Content-Encoding: gzip, gzip\r\n", "gzip", status=415),
    Row("two lines of codings", b"Content-Encoding: gzip\r\nContent-Encoding: deflate\r\n", "gzip", status=415),
    Row("two types", b"Content-Type: application/json\r\nContent-Type: text/plain\r\n", status=415),
    Row("not gzip", b"Content-Encoding: gzip\r\n", status=422),
    Row(
        "gzip that ends early",
        b"Content-Encoding: gzip\r\n" + _CL % 9,
        "as given",
        body=gzip.compress(b"{}")[:9],
        status=422,
    ),
    Row(
        "UTF-16",
        b"Content-Type: application/json; charset=utf-16\r\n" + _CL % 26,
        "as given",
        body=_TEXT.decode().encode("utf-16"),
        status=422,
    ),
    Row("no body", b"Content-Length: 0\r\n", "as given", body=b"", status=422),
    Row("no length", b"", "as given", body=b"", status=422),
)
