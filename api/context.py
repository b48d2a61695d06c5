"""Middleware around every request: its id, its log line and counts, and the answer after an unexpected exception."""

import logging
import re
import time
from random import getrandbits
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import internal_error
from api.metrics.tallies import Tallies
from api.security.headers import secured
from shared.process.logs import request_id

access = logging.getLogger("api.access")

ACCEPTABLE_ID: Final = re.compile(rb"[!-~]{1,128}")
ID_HEADER: Final = b"x-request-id"


class RequestContext:
    """ASGI middleware that sets the request's id, counts the request and logs it.

    The id is the caller's ``X-Request-ID`` or a new one. Refusals and failures are logged at INFO, successful requests
    only at DEBUG, because metrics count them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = identity_of(next((value for name, value in scope["headers"] if name == ID_HEADER), None))
        token = request_id.set(identity.decode())
        started = time.perf_counter()
        status = 0
        tallies = scope["app"].state.services.tallies
        tallies.open_requests += 1

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*secured(message["headers"]), (ID_HEADER, identity)]
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        except ClientDisconnect:
            access.debug("the client closed its connection before its whole body had arrived")
        except Exception:
            access.exception("request failed", extra={"path": scope["path"]})
            if not status:
                await internal_error()(scope, receive, tagged)
        finally:
            seconds = time.perf_counter() - started
            tallies.open_requests -= 1
            log_request(scope["method"], scope["path"], status, seconds, scope.get("state", {}).get("misses", 0))
            _count(tallies, scope, status, seconds)
            request_id.reset(token)


def log_request(method: str, path: str, status: int, seconds: float, computed: int = 0) -> None:
    """Log an answered request, at INFO if it was refused or failed.

    Args:
        method: HTTP method.
        path: path of the request.
        status: status of the answer.
        seconds: time from the request's headers to its answer.
        computed: number of its texts that had to be computed.
    """
    level = logging.INFO if status >= 400 else logging.DEBUG  # noqa: PLR2004
    if access.isEnabledFor(level):
        fields = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
        access.log(level, "request", extra=fields | ({"misses": computed} if computed else {}))


def _count(tallies: Tallies, scope: Scope, status: int, seconds: float) -> None:
    """Count a request by its route's template, with status 0 if the client disconnected before its body had arrived."""
    state = scope.get("state", {})
    status = state.get("status", status)  # the product's, where a protocol has a status of its own for a problem
    misses = state.get("misses")
    cache = "none" if misses is None else "miss" if misses else "hit"
    route = scope.get("route")
    tallies.request(scope["method"], getattr(route, "path", "none"), status, cache, seconds)
    if "problem" in state:
        tallies.problems[state["problem"]] += 1


def new_id() -> bytes:
    """Return a new id of a request; it is unique and no secret, so no random number of the system is needed."""
    return b"%032x" % getrandbits(128)


def identity_of(given: bytes | None) -> bytes:
    """Return a request's id: the caller's, if it has sent an acceptable one, otherwise a new one."""
    return given if given and ACCEPTABLE_ID.fullmatch(given) else new_id()
