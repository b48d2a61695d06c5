"""Clients of a Redis server: asyncio's, blocking ones and Celery's, all from one URL."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.broker.url import RedisUrl

_CONNECTIONS: Final = 32


@dataclass(frozen=True)
class Server:
    """A Redis server to which clients connect.

    Args:
        url: its address, with user and password.
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
        pool = redis.asyncio.BlockingConnectionPool(
            connection_class=redis.asyncio.SSLConnection if self.url.tls else redis.asyncio.Connection,
            max_connections=_CONNECTIONS,
            timeout=limit,
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            **self._options(limit),
        )
        return redis.asyncio.Redis.from_pool(pool)

    def blocking_client(self, limit: float) -> redis.Redis:
        """Make a client without asyncio.

        Args:
            limit: longest wait for connecting and for one read, in seconds.
        """
        connection = redis.SSLConnection if self.url.tls else redis.Connection
        pool = redis.ConnectionPool(connection_class=connection, **self._options(limit))
        return redis.Redis.from_pool(pool)

    def celery_options(self) -> dict[str, Any]:
        """Return Celery's settings for the server as its broker."""
        return {"broker_url": str(self.url), "broker_use_ssl": self._tls_options() or None}

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
            "socket_connect_timeout": limit,
            **self._tls_options(),
        }

    def _tls_options(self) -> dict[str, Any]:
        """Return redis-py's options that verify certificate and host name; none for a server without TLS."""
        if not self.url.tls:
            return {}
        authorities = {"ssl_ca_certs": str(self.authorities)} if self.authorities else {}
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **authorities}
