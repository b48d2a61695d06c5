"""Connections to the two Redis instances."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.broker.connect import tls_options
from shared.process.settings import Settings

_CONNECTIONS = 32


def connect(url: str, limit: float | None, settings: Settings) -> Redis:
    """Make a client whose pool waits for a free connection rather than failing.

    A connection that a restarted Redis has closed is noticed and made anew once, at once; nothing else is retried,
    for the caller's deadline is nearer than any back-off.

    Args:
        url: ``redis://`` or ``rediss://``.
        limit: longest wait for connecting or for one read, in seconds; None for a subscription.
        settings: whose certificates are trusted.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=limit,
        socket_timeout=limit,
        socket_connect_timeout=limit or 1.0,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        protocol=2,
        **tls_options(url, settings),
    )
    return Redis.from_pool(pool)
