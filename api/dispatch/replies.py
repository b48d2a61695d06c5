"""The subscription through which an API process receives results and events."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from api.redis.link import Address, Wire
from shared.contract.results import Result, decode_reply

logger = logging.getLogger(__name__)

_OPEN_SECONDS = 1.0
_SILENCE_SECONDS = 1.0
_RETRY_SECONDS = 0.1


class Replies:
    """Subscribes to this process's reply channel, to events of the fleet and to events of jobs.

    Results that are published without a connection are not lost: claims keep their results for ten seconds, and after
    every subscription `on_subscribed` claims all open flights again.

    Args:
        address: address of the broker.
        channel: this process's reply channel.
        events: channel of the fleet's events.
        job_events: channel of the jobs' events.
        on_result: called with the key and the result of a text.
        on_event: called when the fleet has changed.
        on_job: called with the id of a job whose state or progress has changed, and whether the job has ended.
        on_subscribed: called when a subscription has been confirmed.
    """

    def __init__(
        self,
        address: Address,
        *,
        channel: str,
        events: str,
        job_events: str,
        on_result: Callable[[str, Result], None],
        on_event: Callable[[], None],
        on_job: Callable[[str, bool], None],
        on_subscribed: Callable[[], None],
    ) -> None:
        self._address = address
        self._channel = channel.encode()
        self._events = events.encode()
        self._job_events = job_events.encode()
        self._on_result = on_result
        self._on_event = on_event
        self._on_job = on_job
        self._on_subscribed = on_subscribed
        self._heard = 0
        self._wire: Wire | None = None

    async def run(self) -> None:
        """Receive messages in an endless loop, and subscribe again after every loss of the connection."""
        while True:
            try:
                async with asyncio.timeout(_OPEN_SECONDS):
                    wire = await self._address.open(self._take, lambda: None)
                await self._listen(wire)
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("reply connection lost", extra={"reason": type(error).__name__})
            await asyncio.sleep(_RETRY_SECONDS)

    def leave(self) -> None:
        """End the connection; `run` opens another one."""
        if self._wire is not None:
            self._wire.abort()

    async def _listen(self, wire: Wire) -> None:
        """Subscribe, and wait until the connection ends.

        After a second without a message a PING is sent; after another second without a reply the connection is ended.

        Raises:
            RedisError, OSError, TimeoutError: the connection has ended.
        """
        pinged = False
        self._wire = wire
        try:
            wire.send("SUBSCRIBE", self._channel, self._events, self._job_events)
            while True:
                before = self._heard
                await asyncio.wait([wire.lost], timeout=_SILENCE_SECONDS)
                if self._heard != before:
                    pinged = False
                elif pinged:
                    raise TimeoutError
                else:
                    wire.send("PING")  # raises when the connection is lost
                    pinged = True
        finally:
            self._wire = None
            wire.abort()

    def _take(self, reply: Any) -> None:
        """Handle a message of the connection; a message that is an error is raised, which ends the connection."""
        if isinstance(reply, RedisError):
            raise reply
        self._heard += 1
        kind, channel = reply[:2]
        if kind == b"message":
            self._deliver(channel, reply[2])
        elif kind == b"subscribe" and channel == self._channel:
            self._on_subscribed()

    def _deliver(self, channel: bytes, data: bytes) -> None:
        if channel == self._events:
            self._on_event()
        elif channel == self._job_events:
            moved = data.decode(errors="replace")
            self._on_job(moved.removesuffix("."), moved.endswith("."))
        else:
            try:
                key, result = decode_reply(data)
            except ValueError:
                logger.warning("a message of the reply channel has another form")
            else:
                self._on_result(key, result)
