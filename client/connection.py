"""The service's address and the caller's key: from arguments, or from the environment."""

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
    """The service's address, the way there, and the caller's key."""

    url: str
    service: str
    headers: Mapping[str, str] = field(repr=False)
    """Of every request; the key is among them."""
    route: Route = field(default_factory=Route, repr=False)

    @classmethod
    def choose(cls, url: str | None, api_key: str | None, service: str | None) -> "Connection":
        """Take the arguments, then the environment, then the defaults.

        Raises:
            ValueError: the URL is no URL of HTTP, the key cannot be sent, or this URL needs a variable for proxies or
                certificates that cannot be used.
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
        """Make a client of httpx that has no connection yet."""
        route = self.route
        return httpx.Client(
            base_url=self.url, headers=self.headers, proxy=route.proxy, verify=route.verify, trust_env=False
        )

    def open_async(self) -> httpx.AsyncClient:
        """Make an asynchronous client of httpx that has no connection yet."""
        route = self.route
        return httpx.AsyncClient(
            base_url=self.url, headers=self.headers, proxy=route.proxy, verify=route.verify, trust_env=False
        )


def _variable(name: str, usual: str = "") -> str:
    """Read a variable as UTF-8, whatever the locale.

    Raises:
        ValueError: it is not.
    """
    try:
        return os.fsencode(os.environ.get(name, usual)).decode()
    except UnicodeError:
        raise ValueError(f"{name} is not UTF-8") from None


def _address(url: str) -> SplitResult:
    """Split a URL of HTTP.

    Raises:
        ValueError: it is none.
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
