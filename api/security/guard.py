"""The middleware that checks the API key and the quota of a request before its body is read."""

import math
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors.problems import RateLimitedError, UnauthorizedError
from api.http.errors import problem_for
from api.security.access import Access
from api.security.auth import Authenticator
from api.security.client import address_of
from api.security.rate_limit import RateLimiter
from shared.broker.scripts.quota import Quota
from shared.process.settings import Settings


class Guard:
    """ASGI middleware that answers 401 without a valid key, and 429 if the quota is used up.

    It stores the name of the client in the request's state, for the routes of jobs.

    Args:
        app: the next ASGI application.
        settings: the rules for addresses.
        authenticator: checks the keys.
        exempt: the exempt paths.
    """

    def __init__(self, app: ASGIApp, settings: Settings, authenticator: Authenticator, exempt: Access) -> None:
        self._app = app
        self._authenticator = authenticator
        self._access = exempt
        self._proxies, self._prefix = settings.trusted_proxies, settings.rate_ipv6_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, owner = scope["path"], ""
        assets = path.startswith(self._access.assets)
        if self._authenticator.active and not assets and path not in self._access.open:
            known = self._authenticator.owner_of(_header(scope["headers"], b"authorization"))
            if known is None:
                await problem_for(UnauthorizedError())(scope, receive, send)
                return
            owner = known
            scope.setdefault("state", {})["owner"] = owner
        limiter: RateLimiter | None = scope["app"].state.services.limiter
        if limiter is None or assets or path in self._access.unlimited:
            await self._app(scope, receive, send)
        else:
            await self._limited(limiter, owner or address_of(scope, self._proxies, self._prefix), scope, receive, send)

    async def _limited(self, limiter: RateLimiter, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        quota = await limiter.take(client)
        if quota is None:
            await self._app(scope, receive, send)
            return
        headers = [(b"ratelimit-policy", limiter.policy), (b"ratelimit", _state(quota))]

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        app = self._app if quota.allowed else problem_for(RateLimitedError(quota.next_token))
        await app(scope, receive, counted)


def _state(quota: Quota) -> bytes:
    seconds = quota.full_again if quota.allowed else quota.next_token
    return b'"default";r=%d;t=%d' % (quota.left, math.ceil(seconds))


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")
