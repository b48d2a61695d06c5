"""Middleware that makes a span for each request; it is added only if the settings name a collector of traces."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from shared.process.spans import Tracing


class TraceRequests:
    """ASGI middleware that makes a server span with OpenTelemetry's HTTP attributes, in the caller's trace if any."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        tracing: Tracing | None = scope["app"].state.services.tracing if scope["type"] == "http" else None
        if tracing is None:
            await self._app(scope, receive, send)
            return
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with tracing.request(headers) as span:
            await self._app(scope, receive, noted)
            route = getattr(scope.get("route"), "path", "")
            span.update_name(f"{scope['method']} {route}".strip())
            span.set_attribute("http.request.method", scope["method"])
            span.set_attribute("http.response.status_code", status)
            if route:
                span.set_attribute("http.route", route)
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                tracing.mark_failed(span)
            span.set_attribute("sentiment.misses", scope.get("state", {}).get("misses") or 0)
