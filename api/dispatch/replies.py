"""Hearing results: one subscription connection for the whole process."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from shared.results import Result, decode_reply

logger = logging.getLogger(__name__)

_SILENCE_SECONDS = 1.0
_RETRY_SECONDS = 0.1


class Replies:
    """Listens to this process's reply channel and to the fleet's events.

    What was published while the connection was away is not lost: after every subscription `on_subscribed` looks at
    all open flights again, and finished claims keep their results for a while.

    Args:
        redis: client of the broker, without a read timeout.
        channel: this process's reply channel.
        events: the fleet's channel.
        job_events: the jobs' channel.
        on_result: called with key and result.
        on_event: called when the fleet has changed.
        on_job: called with a job's id, and whether it has ended, when it has moved.
        on_subscribed: called when a subscription has been confirmed.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        channel: str,
        events: str,
        job_events: str,
        on_result: Callable[[str, Result], None],
        on_event: Callable[[], None],
        on_job: Callable[[str, bool], None],
        on_subscribed: Callable[[], None],
    ) -> None:
        self._redis = redis
        self._channel = channel.encode()
        self._events = events.encode()
        self._job_events = job_events.encode()
        self._on_result = on_result
        self._on_event = on_event
        self._on_job = on_job
        self._on_subscribed = on_subscribed

    async def run(self) -> None:
        """Listen for ever, subscribing again after every loss of the connection."""
        while True:
            pubsub = self._redis.pubsub()
            try:
                await pubsub.subscribe(self._channel, self._events, self._job_events)
                await self._listen(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("reply connection lost", extra={"reason": type(error).__name__})
            finally:
                await self._close(pubsub)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _listen(self, pubsub: PubSub) -> None:
        """Deliver messages; two silent seconds with an unanswered ping in between mean a dead connection."""
        pinged = False
        while True:
            message = await pubsub.get_message(timeout=_SILENCE_SECONDS)
            if message is not None:
                pinged = False
                self._deliver(message)
            elif pinged:
                raise TimeoutError
            else:
                await pubsub.ping()
                pinged = True

    def _deliver(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            if message["channel"] == self._channel:
                self._on_subscribed()
        elif message["type"] == "message" and message["channel"] == self._events:
            self._on_event()
        elif message["type"] == "message" and message["channel"] == self._job_events:
            data = message["data"].decode(errors="replace")
            self._on_job(data.removesuffix("."), data.endswith("."))
        elif message["type"] == "message":
            try:
                key, result = decode_reply(message["data"])
            except ValueError:
                logger.warning("a reply could not be read")
            else:
                self._on_result(key, result)

    @staticmethod
    async def _close(pubsub: PubSub) -> None:
        try:
            await pubsub.aclose()  # type: ignore[no-untyped-call]
        except (RedisError, OSError, TimeoutError):
            logger.debug("closing a lost reply connection failed")
