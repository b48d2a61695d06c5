"""Following the primary of a group of servers while the old one still answers."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.broker.connect import Server

logger = logging.getLogger(__name__)

Then = Sequence[Callable[[], None]]
"""Functions to call after a change."""
_ASK_SECONDS: Final = 1.0


async def follow(server: Server, clients: Sequence[Redis], then: Then) -> None:
    """Ask the Sentinels once a second, in an endless loop, and leave the old primary when they name another one.

    A primary that was replaced on command, or that only the Sentinels cannot reach, answers for about ten seconds more.
    Commands that write would notice this, but not those that read, and not subscriptions.

    Args:
        server: the server; without Sentinels the loop ends at once.
        clients: its clients, whose connections are replaced.
        then: functions that end other connections, or count.
    """
    if not server.url.sentinels:
        return
    find = server.finder()
    known: tuple[str, int] | None = None
    while True:
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_ASK_SECONDS):
                place = await find()
            if known and place != known:
                logger.warning("another server is the primary: connecting to it")
                for client in clients:
                    await _reconnect(client)
                for function in then:
                    function()
            known = place
        await asyncio.sleep(_ASK_SECONDS)


async def _reconnect(client: Redis) -> None:
    """Close the idle connections of a client at once, and the others after their commands."""
    pool: Any = client.connection_pool
    await pool.update_active_connections_for_reconnect()
    await pool.disconnect(inuse_connections=False)
