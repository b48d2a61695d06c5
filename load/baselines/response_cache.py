"""The cache of the article's design: a middleware before the whole application."""

import hashlib
from typing import Final

from redis.asyncio import Redis
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEEP_SECONDS: Final = 3600
"""Time to live of an answer in seconds; the article names none, and this is longer than any run."""
_HIT: Final = [(b"content-type", b"application/json"), (b"cache-status", b"article; hit")]


class ResponseCache:
    """ASGI middleware that caches answers with status 200 in Redis by the path and body of a POST.

    Args:
        app: the application that computes the answers.
        redis: client of the Redis of the cache.
    """

    def __init__(self, app: ASGIApp, redis: Redis) -> None:
        self._app = app
        self._redis = redis

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the cache, or run the application and store its answer."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = await _whole(receive)
        key = f"article:{scope['path']}:{hashlib.blake2b(request, digest_size=16).hexdigest()}"
        if (stored := await self._redis.get(key)) is not None:
            length = (b"content-length", str(len(stored)).encode())
            await send({"type": "http.response.start", "status": 200, "headers": [*_HIT, length]})
            await send({"type": "http.response.body", "body": stored})
            return
        status, answer = 0, b""

        async def replay() -> Message:
            return {"type": "http.request", "body": request, "more_body": False}

        async def keep(message: Message) -> None:
            nonlocal status, answer
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"cache-status", b"article; fwd=miss")]
            else:
                answer += message.get("body", b"")
                if status == 200 and not message.get("more_body", False):  # noqa: PLR2004
                    await self._redis.set(key, answer, ex=KEEP_SECONDS)
            await send(message)

        await self._app(scope, replay, keep)


async def _whole(receive: Receive) -> bytes:
    """Return the request's body; if the client disconnects, the part that has arrived."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
