"""``python -m shared.probe [URL]``: exit with 0 if a GET is answered with 200; for health checks of containers."""

import os
import sys
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

_SECONDS = 2.0


def probe(url: str) -> str:
    """Send one GET.

    Returns:
        The error as text; empty if the status is 200.
    """
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=_SECONDS) as response:  # the address is local: no proxy
            status = response.status
    except (URLError, OSError, ValueError) as error:
        return f"{url}: {error}"
    return "" if status == HTTPStatus.OK else f"{url}: {status}"


def default_url() -> str:
    """Return the URL of the readiness route of this container's API."""
    return f"http://127.0.0.1:{os.environ.get('SENTIMENT_API_PORT', '8000')}/readyz"


if __name__ == "__main__":
    sys.exit(probe(sys.argv[1] if len(sys.argv) > 1 else default_url()) or None)
