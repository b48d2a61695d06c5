"""The URL of a Redis server, or of the Sentinels of a group of servers, as all parts of the product read it.

It needs only the standard library.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

PLAIN: Final = "redis"
TLS: Final = "rediss"
SENTINEL: Final = "+sentinel"
"""End of the scheme of a URL that names Sentinels."""
_ALIASES: Final = {"valkey": PLAIN, "valkeys": TLS}
"""Schemes of Valkey, which speaks the same protocol."""
_PORT: Final = 6379
_SENTINEL_PORT: Final = 26379
_MASTER, _USER, _PASSWORD = "master", "sentinel_user", "sentinel_password"
_SENTINEL_OPTIONS: Final = (_MASTER, _USER, _PASSWORD)
_ESCAPES: Final = (
    "cannot be read: inside a user or password, / ? # [ and ] are written as %2F, %3F, %23, %5B and %5D, and % as %25"
)


@dataclass(frozen=True)
class Sentinels:
    """The Sentinels that tell which server of a group is the primary."""

    addresses: tuple[tuple[str, int], ...]
    """Host and port of each."""
    master: str
    """The group's name."""
    user: str = ""
    """The user of the Sentinels' clients; the servers of the group have their own."""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class RedisUrl:
    """The address of a Redis server, with the user and password of its clients.

    With Sentinels, `host` and `port` are those of the first Sentinel, and TLS is used for Sentinels and servers.
    """

    host: str
    port: int = _PORT
    db: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    sentinels: Sentinels | None = None

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of the server, or of each Sentinel."""
        return self.sentinels.addresses if self.sentinels else ((self.host, self.port),)

    @classmethod
    def parse(cls, text: str) -> "RedisUrl":
        """Read a URL with ``redis[s]://`` or ``valkey[s]://``, or one of Sentinels; ``?db=`` may give the database too.

        Sentinels have the form ``redis+sentinel://user:password@host:port,host:port/0?master=NAME``, or
        ``rediss+sentinel://`` for TLS. Their own credentials are ``sentinel_user`` and ``sentinel_password``.

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
        scheme, sentinel, rest = parts.scheme.partition(SENTINEL)
        scheme = _ALIASES.get(scheme, scheme)
        if scheme not in {PLAIN, TLS} or rest:
            raise ValueError(
                "must begin with redis:// or rediss:// (or valkey:// or valkeys://), or for Sentinels with "
                "redis+sentinel:// or rediss+sentinel://; Redis Cluster and Unix sockets are not supported"
            )
        if parts.fragment or "@" in parts.path + parts.query:
            raise ValueError(_ESCAPES)
        options = _options(parts)
        group = _sentinels(parts, options) if sentinel else None
        host, port = group.addresses[0] if group else _address(parts)
        user, password = (_unescape(part or "") for part in (parts.username, parts.password))
        return cls(host, port, _database(parts, options), user, password, scheme == TLS, group)

    def __str__(self) -> str:
        """Return the URL in its canonical form, with the password."""
        entry = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user or self.password else ""
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.addresses)
        scheme = (TLS if self.tls else PLAIN) + (SENTINEL if self.sentinels else "")
        return f"{scheme}://{entry}{hosts}/{self.db}{_query(self.sentinels) if self.sentinels else ''}"


def _query(group: Sentinels) -> str:
    values = zip(_SENTINEL_OPTIONS, (group.master, group.user, group.password), strict=True)
    return "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in values if value)


def _sentinels(parts: SplitResult, options: list[tuple[str, str]]) -> Sentinels:
    """Return the Sentinels of a URL, and take their options out of the list."""
    found = {name: value for name, value in options if name in _SENTINEL_OPTIONS}
    known = [option for option in options if option[0] in _SENTINEL_OPTIONS]
    if len(known) > len(found):
        raise ValueError("has an option of the Sentinels twice")
    for option in known:
        options.remove(option)
    if not found.get(_MASTER):
        raise ValueError("names no primary: add ?master= with the name that the Sentinels have for it")
    hosts = parts.netloc.rpartition("@")[2].split(",")
    addresses = tuple(_address(urlsplit(f"//{host}"), _SENTINEL_PORT) for host in hosts)
    if len(set(addresses)) < len(addresses):
        raise ValueError("names a Sentinel twice")
    return Sentinels(addresses, found[_MASTER], found.get(_USER, ""), found.get(_PASSWORD, ""))


def _address(parts: SplitResult, usual: int = _PORT) -> tuple[str, int]:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("has a port that is not a number from 1 to 65535, or " + _ESCAPES) from None
    if not parts.hostname:
        raise ValueError("names no host")
    if "," in parts.hostname:
        raise ValueError("names several hosts; if they are Sentinels, it must begin with redis+sentinel://")
    if port == 0:
        raise ValueError("has a port that is not a number from 1 to 65535")
    return parts.hostname, port or usual


def _options(parts: SplitResult) -> list[tuple[str, str]]:
    """Return names and values of the query."""
    pairs = (option.partition("=") for option in parts.query.split("&") if option)
    return [(name, _unescape(value)) for name, _, value in pairs]


def _database(parts: SplitResult, options: list[tuple[str, str]]) -> int:
    """Return the number of the database from the path or the query of a URL; 0 if both name none."""
    named = [parts.path.removeprefix("/")] if parts.path not in {"", "/"} else []
    for option, value in options:
        if option in _SENTINEL_OPTIONS:
            raise ValueError(f"has the option {option!r}, which only redis+sentinel:// and rediss+sentinel:// have")
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
