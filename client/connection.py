"""The service's address and the caller's API key, from arguments or from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from client.environment import Route, route_to
from client.version import VERSION

URL_VARIABLE: Final = "SENTIMENT_URL"
KEY_VARIABLE: Final = "SENTIMENT_API_KEY"
SERVICE_VARIABLE: Final = "SENTIMENT_SERVICE"
DEFAULT_URL: Final = "http://127.0.0.1:8000"
DEFAULT_SERVICE: Final = "project"
DEFAULT_TIMEOUT: Final = 10.0


@dataclass(frozen=True)
class Connection:
    """The service's address, the proxy and certificates for it, and the caller's API key."""

    url: str
    service: str
    headers: Mapping[str, str] = field(repr=False)
    """Headers of every request, with the API key."""
    route: Route = field(default_factory=Route, repr=False)

    @classmethod
    def choose(cls, url: str | None, api_key: str | None, service: str | None) -> "Connection":
        """Make a connection from arguments; for each None, use the environment, then the default.

        Raises:
            ValueError: the URL is not an HTTP URL, the key cannot be sent, or a variable for proxies or certificates
                that this URL needs has a wrong value.
        """
        url = url or _variable(URL_VARIABLE) or DEFAULT_URL
        address = _address(url)
        key = _variable(KEY_VARIABLE) if api_key is None else api_key
        if not key.isascii() or not key.isprintable():
            raise ValueError("the API key holds characters that no key has")
        if service is None:
            service = _variable(SERVICE_VARIABLE, DEFAULT_SERVICE)
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        headers = {"User-Agent": f"sentiment-client/{VERSION}", **authorization}
        return cls(url.rstrip("/"), service, headers, route_to(address))

    def open(self) -> httpx.Client:
        """Return a client of httpx; it opens connections at its first request."""
        route = self.route
        return httpx.Client(
            base_url=self.url, headers=self.headers, proxy=route.proxy, verify=route.verify, trust_env=False
        )

    def open_async(self) -> httpx.AsyncClient:
        """Return an asynchronous client of httpx; it opens connections at its first request."""
        route = self.route
        return httpx.AsyncClient(
            base_url=self.url, headers=self.headers, proxy=route.proxy, verify=route.verify, trust_env=False
        )


def _variable(name: str, usual: str = "") -> str:
    """Read a variable as UTF-8 in any locale.

    Raises:
        ValueError: it is not.
    """
    try:
        return os.fsencode(os.environ.get(name, usual)).decode()
    except UnicodeError:
        raise ValueError(f"{name} is not UTF-8") from None


def _address(url: str) -> SplitResult:
    """Return the parts of an HTTP URL.

    Raises:
        ValueError: it is not an HTTP URL.
    """
    try:
        parts = urlsplit(url)
        httpx.URL(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise ValueError(f"{url!r} is no URL of a service; {DEFAULT_URL} would be one")
    return parts
