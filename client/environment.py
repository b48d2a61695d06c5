"""The proxy and the certificates for an address, from environment variables.

httpx would read these variables too. But it reads all of them, and fails on a wrong value even if the address does not
need it.
"""

import ipaddress
import os
import re
import ssl
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult
from urllib.request import getproxies, proxy_bypass

import certifi
import httpx

_PORTS: Final = {"http": 80, "https": 443}
_SPACE: Final = re.compile(r"[,\s]+")
_ENTRY: Final = re.compile(
    r"(?:(?P<scheme>[a-z0-9+.-]+)://)?(?:\[(?P<v6>[^]]*)\]|(?P<host>[^:]*|.*:.*:.*?))(?::(?P<port>\d+))?/?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Route:
    """The proxy and the certificates for an address."""

    proxy: httpx.Proxy | None = field(default=None, repr=False)
    verify: ssl.SSLContext | bool = False
    """Context that verifies certificates; False if no TLS is used."""


def route_to(address: SplitResult) -> Route:
    """Return the proxy and the certificates for an address.

    Raises:
        ValueError: a variable that this address needs has a wrong value; the message names it.
    """
    proxy = _proxy_for(address)
    if address.scheme != "https" and (proxy is None or proxy.url.scheme != "https"):
        return Route(proxy)
    context = _certificates()
    if proxy is not None and proxy.url.scheme == "https":
        proxy.ssl_context = context
    return Route(proxy, context)


def exempt(address: SplitResult, entries: str) -> bool:
    """Whether ``NO_PROXY`` exempts an address.

    Args:
        address: URL with scheme and host.
        entries: value of ``NO_PROXY``: names (with their subdomains), addresses or networks, each with or without a
            port; or ``*``.
    """
    return any(_matches(address, entry) for entry in _SPACE.split(entries) if entry)


def _matches(address: SplitResult, entry: str) -> bool:
    if entry == "*":
        return True
    network, host = _network(entry), (address.hostname or "").rstrip(".")
    if network:
        return _contains(network, host)
    found = _ENTRY.fullmatch(entry)
    if found is None or (found["scheme"] or address.scheme).lower() not in {address.scheme, "all"}:
        return False
    if found["port"] and int(found["port"]) != (address.port or _PORTS[address.scheme]):
        return False
    name = (found["v6"] or found["host"] or "").lower().removeprefix("*").strip(".")
    network = _network(name)
    return _contains(network, host) if network else bool(name) and (host == name or host.endswith(f".{name}"))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry.removeprefix("[").replace("]", ""), strict=False)
    except ValueError:
        return None


def _contains(network: ipaddress.IPv4Network | ipaddress.IPv6Network, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False


def _proxy_for(address: SplitResult) -> httpx.Proxy | None:
    found = getproxies()
    scheme = next((scheme for scheme in (address.scheme, "all") if found.get(scheme)), None)
    host = address.hostname or ""
    if scheme is None or exempt(address, found.get("no", "")) or proxy_bypass(host):
        return None
    variable = next((name for name in os.environ if name.lower() == f"{scheme}_proxy"), f"the system's {scheme} proxy")
    value = found[scheme]
    try:
        proxy = httpx.Proxy(value if "://" in value else f"http://{value}")
    except (ValueError, httpx.InvalidURL):
        raise ValueError(f"{variable} is no URL of a proxy; NO_PROXY={host} would go without it") from None
    if not proxy.url.host:
        raise ValueError(f"{variable} names no host; NO_PROXY={host} would go without it")
    if proxy.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ValueError(
            f"{variable} names a SOCKS proxy, which needs pip install 'httpx[socks]'; "
            f"NO_PROXY={host} would go without it"
        )
    return proxy


def _certificates() -> ssl.SSLContext:
    """Return a context that verifies servers by ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, otherwise by certifi's file."""
    key_log = os.environ.get("SSLKEYLOGFILE")
    if key_log:
        try:
            Path(key_log).open("ab").close()
        except OSError as error:
            raise ValueError(f"SSLKEYLOGFILE: {key_log}: {error.strerror}") from None
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file:
        try:
            return ssl.create_default_context(cafile=file)
        except ssl.SSLError:
            raise ValueError(f"SSL_CERT_FILE: {file} holds no certificates") from None
        except OSError as error:
            raise ValueError(f"SSL_CERT_FILE: {file}: {error.strerror}") from None
    if folder:
        if not Path(folder).is_dir():
            raise ValueError(f"SSL_CERT_DIR: {folder} is no folder")
        return ssl.create_default_context(capath=folder)
    return ssl.create_default_context(cafile=certifi.where())
