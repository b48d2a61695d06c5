"""Where the service is and who asks: from arguments, or from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from client.version import VERSION

URL_VARIABLE: Final = "SENTIMENT_URL"
KEY_VARIABLE: Final = "SENTIMENT_API_KEY"
SERVICE_VARIABLE: Final = "SENTIMENT_SERVICE"
DEFAULT_URL: Final = "http://127.0.0.1:8000"
DEFAULT_SERVICE: Final = "project"
DEFAULT_TIMEOUT: Final = 10.0


@dataclass(frozen=True)
class Connection:
    """Where the service is and who asks."""

    url: str
    service: str
    headers: Mapping[str, str] = field(repr=False)
    """Of every request; the key is among them."""

    @classmethod
    def choose(cls, url: str | None, api_key: str | None, service: str | None) -> "Connection":
        """Take what is given, then the environment, then the defaults.

        Raises:
            ValueError: the URL is none, or the key cannot be sent.
        """
        url = url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of a service; {DEFAULT_URL} would be one")
        key = os.environ.get(KEY_VARIABLE, "") if api_key is None else api_key
        if not key.isascii() or not key.isprintable():
            raise ValueError("the API key holds characters that no key has")
        if service is None:
            service = os.environ.get(SERVICE_VARIABLE, DEFAULT_SERVICE)
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        return cls(url.rstrip("/"), service, {"User-Agent": f"sentiment-client/{VERSION}", **authorization})
