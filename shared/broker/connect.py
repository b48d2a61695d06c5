"""Clients of a Redis server: asyncio's, blocking ones and Celery's, all from one URL."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.broker import connections, sentinel
from shared.broker.url import RedisUrl

_CONNECTIONS: Final = 32
_PATIENCE: Final = 5.0
_PATIENCE_WITH_SENTINELS: Final = 2.0
_CONNECT_WITH_SENTINELS: Final = 1.0


@dataclass(frozen=True)
class Server:
    """A Redis server to which clients connect; with Sentinels, the primary at the moment of each connection.

    Args:
        url: its address or that of its Sentinels, with user and password.
        authorities: file with the certificate authorities to trust; None for those of the system.
    """

    url: RedisUrl
    authorities: Path | None = None

    def asyncio_client(self, limit: float) -> redis.asyncio.Redis:
        """Make a client for asyncio, whose pool waits for a free connection instead of raising an error.

        If a restarted server has closed the connection, the client connects again once, without a pause. It repeats
        nothing else, because callers have short deadlines.

        Args:
            limit: longest wait for a free connection, for connecting and for one read, in seconds.
        """
        options = self._options(limit) | {
            "max_connections": _CONNECTIONS,
            "timeout": limit,
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        }
        if self.url.sentinels:
            return redis.asyncio.Redis.from_pool(
                sentinel.asyncio_pool(self.url.sentinels, self._tls_options(), options)
            )
        connection = connections.AsyncDirectSSLConnection if self.url.tls else connections.AsyncDirectConnection
        pool = redis.asyncio.BlockingConnectionPool(connection_class=connection, **options)
        return redis.asyncio.Redis.from_pool(pool)

    def blocking_client(self, limit: float) -> redis.Redis:
        """Make a client without asyncio.

        Args:
            limit: longest wait for connecting and for one read, in seconds.
        """
        if self.url.sentinels:
            return redis.Redis.from_pool(self.primary_pool(self._options(limit)))
        connection = connections.DirectSSLConnection if self.url.tls else connections.DirectConnection
        pool = redis.ConnectionPool(connection_class=connection, **self._options(limit))
        return redis.Redis.from_pool(pool)

    def primary_pool(self, options: dict[str, Any]) -> sentinel.Pool:
        """Make a pool of connections to the primary of the Sentinels, with redis-py's options of a connection."""
        assert self.url.sentinels, "only a URL of Sentinels has such a pool"
        return sentinel.blocking_pool(self.url.sentinels, self._tls_options(), options)

    def finder(self) -> Callable[[], Awaitable[tuple[str, int]]]:
        """Return a function that finds host and port of the server; it belongs to the running event loop."""
        group = self.url.sentinels
        if group:
            return sentinel.AsyncSentinels(group, self._tls_options()).discover_master
        host, port = self.url.host, self.url.port

        async def find() -> tuple[str, int]:
            return host, port

        return find

    def blocking_finder(self) -> Callable[[], tuple[str, int]]:
        """Return a function that asks the Sentinels for host and port of the primary, without asyncio."""
        assert self.url.sentinels, "only a URL of Sentinels names a primary"
        return sentinel.BlockingSentinels(self.url.sentinels, self._tls_options()).discover_master

    @property
    def patience(self) -> float:
        """Longest wait of a worker for a reply, in seconds: shorter if another server may take over meanwhile."""
        return _PATIENCE_WITH_SENTINELS if self.url.sentinels else _PATIENCE

    @property
    def connect_limit(self) -> float:
        """Longest wait of a worker for a connection, in seconds."""
        return _CONNECT_WITH_SENTINELS if self.url.sentinels else _PATIENCE

    def celery_options(self) -> dict[str, Any]:
        """Return Celery's settings for the server as its broker; those of Sentinels go to the transport."""
        return {"broker_url": str(replace(self.url, sentinels=None)), "broker_use_ssl": self._tls_options() or None}

    def tls_context(self) -> ssl.SSLContext | None:
        """Make a context that verifies certificate and host name; None for a server without TLS."""
        if not self.url.tls:
            return None
        return ssl.create_default_context(cafile=str(self.authorities) if self.authorities else None)

    def _options(self, limit: float) -> dict[str, Any]:
        """Return redis-py's options; without `driver_info`, it sends no CLIENT SETINFO, which no user permits."""
        return {
            "host": self.url.host,
            "port": self.url.port,
            "db": self.url.db,
            "username": self.url.user or None,
            "password": self.url.password or None,
            "protocol": 2,
            "driver_info": None,
            "socket_timeout": limit,
            "socket_connect_timeout": min(limit, self.connect_limit),
            **self._tls_options(),
        }

    def _tls_options(self) -> dict[str, Any]:
        """Return redis-py's options that verify certificate and host name; none for a server without TLS."""
        if not self.url.tls:
            return {}
        authorities = {"ssl_ca_certs": str(self.authorities)} if self.authorities else {}
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **authorities}
