"""Following the primary of a group of servers in a process that waits for replies in several threads."""

import logging
from threading import Event, Thread
from typing import Final

from redis.exceptions import RedisError

from shared.broker.connect import Server
from shared.broker.connections import end_others

logger = logging.getLogger(__name__)

_ASK_SECONDS: Final = 1.0


def follow(server: Server) -> Event:
    """Ask the Sentinels once a second, in a thread, and end all connections to a server that is not the primary.

    A server that is cut off does not answer, and each part of the process that waits for it would notice that only by a
    time limit of its own, one after the other. One that was replaced on command answers for about ten seconds more.

    Args:
        server: the server; without Sentinels no thread is started.

    Returns:
        An event that ends the thread.
    """
    end = Event()
    if server.url.sentinels:
        Thread(target=_run, args=(server, end), name="primary", daemon=True).start()
    return end


def _run(server: Server, end: Event) -> None:
    find, group = server.blocking_finder(), server.url.sentinels
    assert group
    while not end.wait(_ASK_SECONDS):
        try:
            primary = find()
        except (RedisError, OSError):
            continue
        if end_others(group, primary):
            logger.warning("another server is the primary: connecting to it")
