"""What surrounds every request: its id, its log line, and an answer even when our own code fails."""

import logging
import re
import time
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_error
from api.security.headers import secured
from shared.logs import request_id

logger = logging.getLogger("api.access")

_ACCEPTABLE_ID = re.compile(rb"[!-~]{1,128}")
_ID_HEADER = b"x-request-id"


class RequestContext:
    """ASGI middleware: keeps the caller's ``X-Request-ID`` or makes one, and logs what was not simply answered.

    A plain answer from the cache is logged at DEBUG: at thousands a second it says nothing that metrics do not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = _identity(scope)
        token = request_id.set(identity.decode())
        started = time.perf_counter()
        status = 0

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*secured(message["headers"]), (_ID_HEADER, identity)]
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        except Exception:
            logger.exception("request failed", extra={"path": scope["path"]})
            if not status:
                await internal_error()(scope, receive, tagged)
        finally:
            self._log(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    @staticmethod
    def _log(scope: Scope, status: int, seconds: float) -> None:
        computed = scope.get("state", {}).get("misses", 0)
        level = logging.INFO if computed or status >= 400 else logging.DEBUG  # noqa: PLR2004
        if logger.isEnabledFor(level):
            fields = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            logger.log(level, "request", extra=fields | ({"misses": computed} if computed else {}))


def _identity(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == _ID_HEADER and _ACCEPTABLE_ID.fullmatch(value):
            return bytes(value)
    return uuid4().hex.encode()
