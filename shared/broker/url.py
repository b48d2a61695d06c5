"""The URL of a Redis server, as all parts of the product read it; needs only the standard library."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

PLAIN: Final = "redis"
TLS: Final = "rediss"
_ALIASES: Final = {"valkey": PLAIN, "valkeys": TLS}
"""Schemes of Valkey, which speaks the same protocol."""
_PORT: Final = 6379
_ESCAPES: Final = (
    "cannot be read: inside a user or password, / ? # [ and ] are written as %2F, %3F, %23, %5B and %5D, and % as %25"
)


@dataclass(frozen=True)
class RedisUrl:
    """The address of a Redis server, with the user and password of its clients."""

    host: str
    port: int = _PORT
    db: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> "RedisUrl":
        """Read a URL with ``redis[s]://`` or ``valkey[s]://``; the database may also be given as ``?db=``.

        Raises:
            ValueError: the URL is not valid, or has a part that not all clients support; the message never quotes text
                that may belong to the password.
        """
        text = text.strip()
        if not text.isprintable() or " " in text:
            raise ValueError("has a space or a control character in it")
        try:
            parts = urlsplit(text)
        except ValueError:
            raise ValueError(_ESCAPES) from None
        scheme = _ALIASES.get(parts.scheme, parts.scheme)
        if scheme not in {PLAIN, TLS}:
            raise ValueError(
                "must begin with redis:// or rediss:// (or valkey:// or valkeys://); "
                "Sentinel, Redis Cluster and Unix sockets are not supported"
            )
        if parts.fragment or "@" in parts.path + parts.query:
            raise ValueError(_ESCAPES)
        host, port = _address(parts)
        user, password = (_unescape(part or "") for part in (parts.username, parts.password))
        return cls(host, port, _database(parts), user, password, scheme == TLS)

    def __str__(self) -> str:
        """Return the URL in its canonical form, with the password."""
        entry = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user or self.password else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{TLS if self.tls else PLAIN}://{entry}{host}:{self.port}/{self.db}"


def _address(parts: SplitResult) -> tuple[str, int]:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("has a port that is not a number from 1 to 65535, or " + _ESCAPES) from None
    if not parts.hostname:
        raise ValueError("names no host")
    if "," in parts.hostname:
        raise ValueError("names several hosts; Sentinel and Redis Cluster are not supported")
    if port == 0:
        raise ValueError("has a port that is not a number from 1 to 65535")
    return parts.hostname, port or _PORT


def _database(parts: SplitResult) -> int:
    """Return the number of the database from the path or the query of a URL; 0 if both name none."""
    named = [parts.path.removeprefix("/")] if parts.path not in {"", "/"} else []
    for option, value in parse_qsl(parts.query, keep_blank_values=True):
        if option != "db":
            also = "; certificates are always verified" if option.startswith("ssl") else ""
            raise ValueError(f"has the option {option!r}, which is not understood (only db is){also}")
        named.append(value)
    if len(set(named)) > 1:
        raise ValueError("names more than one database")
    number = named[0] if named else "0"
    if not (number.isascii() and number.isdecimal()):
        raise ValueError("has a database that is not a number")
    return int(number)


def _unescape(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("has an escape (%…) that is not UTF-8") from None
