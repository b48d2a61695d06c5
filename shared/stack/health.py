"""Waiting until the service is healthy."""

import asyncio
import http.client
import json
from typing import Final
from urllib.parse import urlsplit

from shared.stack.errors import StackError
from shared.stack.output import Output

_LIMIT_SECONDS: Final = 90.0
_POLL_SECONDS: Final = 0.2
_PROGRESS_SECONDS: Final = 5.0


def missing(api: str, key: str = "") -> str:
    """Request ``/health`` and return its description of the missing parts; empty if the service is healthy.

    Args:
        api: base URL of the API.
        key: an API key, if `/health` requires one.
    """
    address = urlsplit(api)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2)
    try:
        connection.request("GET", "/health", headers={"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return "the API does not answer yet"
    finally:
        connection.close()
    if response.status == http.client.OK:
        return ""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the API answers {response.status}"


async def until_healthy(api: str, output: Output, key: str = "") -> None:
    """Poll until the service is healthy, and write every five seconds which parts are missing.

    Raises:
        StackError: the service is not healthy after 90 seconds.
    """
    loop = asyncio.get_running_loop()
    began = said = loop.time()
    while reason := await asyncio.to_thread(missing, api, key):
        now = loop.time()
        if now - began > _LIMIT_SECONDS:
            raise StackError(f"the service is not healthy after {_LIMIT_SECONDS:.0f} s: {reason}")
        if now - said > _PROGRESS_SECONDS:
            output.say(f"waiting: {reason}")
            said = now
        await asyncio.sleep(_POLL_SECONDS)
