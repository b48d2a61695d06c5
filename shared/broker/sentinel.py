"""Connections that leave a server that refuses writes, and clients that ask Sentinels for the primary of a group.

They are redis-py's with two changes: a Sentinel that does not answer is asked last the next time, and a server that
refuses writes, because it has become a replica or has lost its replicas, is left at once.
"""

from contextlib import suppress
from typing import Any, Final

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import MasterNotFoundError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from shared.broker.url import Sentinels

_ASK_SECONDS: Final = 0.2
"""Longest wait for a connection to a Sentinel, and for its answer; the API has time to ask a second one."""
_REFUSALS: Final = ("READONLY", "NOREPLICAS")
_LEFT: Final = "the server takes no writes any more"


def refuses_writes(error: object) -> bool:
    """Return True for the error of a server that is a replica, or has too few replicas to accept a write.

    Redis before version 7 quotes the error of a command inside the error of its script.
    """
    return isinstance(error, ReadOnlyError) or (
        isinstance(error, ResponseError) and any(word in str(error) for word in _REFUSALS)
    )


class DirectConnection(redis.Connection):
    """A connection that ends when the server refuses writes; the next one looks its address up again."""

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Read a reply.

        Raises:
            ConnectionError: (of redis-py) the server refuses writes.
        """
        try:
            return super().read_response(*args, **kwargs)
        except ResponseError as error:
            if not refuses_writes(error):
                raise
            self.disconnect()  # type: ignore[no-untyped-call]
            raise RedisConnectionError(_LEFT) from None


class DirectSSLConnection(DirectConnection, redis.SSLConnection):
    """The same with TLS."""


class PrimaryConnection(DirectConnection, redis.sentinel.SentinelManagedConnection):
    """The same to the primary; the next one asks the Sentinels."""


class PrimarySSLConnection(PrimaryConnection, redis.SSLConnection):
    """The same with TLS."""


class AsyncDirectConnection(redis.asyncio.Connection):
    """As `DirectConnection`, for asyncio."""

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Read a reply.

        Raises:
            ConnectionError: (of redis-py) the server refuses writes.
        """
        try:
            return await super().read_response(*args, **kwargs)
        except ResponseError as error:
            if not refuses_writes(error):
                raise
            await self.disconnect()
            raise RedisConnectionError(_LEFT) from None


class AsyncDirectSSLConnection(AsyncDirectConnection, redis.asyncio.SSLConnection):
    """The same with TLS."""


class AsyncPrimaryConnection(AsyncDirectConnection, redis.asyncio.sentinel.SentinelManagedConnection):
    """The same to the primary."""


class AsyncPrimarySSLConnection(AsyncPrimaryConnection, redis.asyncio.SSLConnection):
    """The same with TLS."""


class AsyncSentinels(redis.asyncio.sentinel.Sentinel):
    """The Sentinels of a group, of which the one that answered last is asked first."""

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """Return host and port of the primary.

        A Sentinel goes to the end of the list before it is asked, because callers with short deadlines may cancel the
        wait for its answer. Its connection is closed at once, because the next question is usually far away.

        Raises:
            MasterNotFoundError: no Sentinel knows a primary that answers.
        """
        for sentinel in tuple(self.sentinels):
            self.sentinels.remove(sentinel)
            self.sentinels.append(sentinel)
            try:
                masters: Any = await sentinel.sentinel_masters()
            except (RedisConnectionError, RedisTimeoutError, ResponseError):
                continue
            finally:
                await sentinel.connection_pool.disconnect(inuse_connections=False)
            state = masters.get(service_name)
            if state and self.check_master_state(state, service_name):
                self.sentinels.remove(sentinel)
                self.sentinels.insert(0, sentinel)
                return state["ip"], state["port"]
        raise MasterNotFoundError(f"no Sentinel knows a primary of {service_name}")


class AsyncPool(redis.asyncio.sentinel.SentinelConnectionPool, redis.asyncio.BlockingConnectionPool):
    """A pool of connections to the primary, which waits for a free connection instead of raising an error."""


class Pool(redis.sentinel.SentinelConnectionPool):
    """A pool of connections to the primary."""

    def close(self) -> None:
        """Close all connections, also those to the Sentinels."""
        super().close()
        self.sentinel_manager.close()


def asyncio_sentinels(group: Sentinels, tls: dict[str, Any]) -> AsyncSentinels:
    """Make a client of a group's Sentinels for asyncio.

    Args:
        group: the Sentinels.
        tls: redis-py's options of a connection with TLS; empty without it.
    """
    retry: Any = AsyncRetry(NoBackoff(), 1)
    return AsyncSentinels(  # type: ignore[no-untyped-call]
        group.addresses, sentinel_kwargs=_options(group, tls) | {"retry": retry}
    )


def follow_primary(client: redis.Redis) -> None:
    """Close the idle connections of a client if the Sentinels name another primary than before."""
    if isinstance(client.connection_pool, Pool):
        with suppress(RedisError, OSError):
            client.connection_pool.get_master_address()  # type: ignore[no-untyped-call]


def asyncio_pool(group: Sentinels, tls: dict[str, Any], options: dict[str, Any]) -> AsyncPool:
    """Make a pool for asyncio.

    Args:
        group: the Sentinels.
        tls: see `asyncio_sentinels`.
        options: redis-py's options of the pool and its connections.
    """
    connection = AsyncPrimarySSLConnection if tls else AsyncPrimaryConnection
    return AsyncPool(  # type: ignore[no-untyped-call]
        group.master, asyncio_sentinels(group, tls), **{"connection_class": connection} | options
    )


def blocking_pool(group: Sentinels, tls: dict[str, Any], options: dict[str, Any]) -> Pool:
    """Make a pool without asyncio; the arguments are those of `asyncio_pool`."""
    finder = redis.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        group.addresses, sentinel_kwargs=_options(group, tls) | {"retry": Retry(NoBackoff(), 1)}
    )
    connection = PrimarySSLConnection if tls else PrimaryConnection
    return Pool(group.master, finder, **{"connection_class": connection} | options)  # type: ignore[no-untyped-call]


def _options(group: Sentinels, tls: dict[str, Any]) -> dict[str, Any]:
    return {
        "username": group.user or None,
        "password": group.password or None,
        "protocol": 2,
        "socket_timeout": _ASK_SECONDS,
        "socket_connect_timeout": _ASK_SECONDS,
        **({"ssl": True} | tls if tls else {}),
    }
