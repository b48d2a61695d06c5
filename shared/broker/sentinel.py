"""Clients that ask Sentinels for the primary of a group, and pools of connections to it.

They are redis-py's. All clients of a process ask a Sentinel last that has not answered one of them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError

from shared.broker.connections import (
    AsyncPrimaryConnection,
    AsyncPrimarySSLConnection,
    PrimaryConnection,
    PrimarySSLConnection,
)
from shared.broker.url import Sentinels

Address = tuple[str, int]
"""Host and port."""
_ASK_SECONDS: Final = 0.2
"""Longest wait for a connection to a Sentinel, and for its answer; the API has time to ask a second one."""
_NO_ANSWER: Final = (RedisConnectionError, RedisTimeoutError, ResponseError)

_silent: Final[dict[Address, float]] = {}
"""Sentinels that have not answered when they were asked last, with the time of the question."""


@contextmanager
def _asking(address: Address) -> Iterator[None]:
    """Count a Sentinel as silent if its answer does not come, also if a caller with a short deadline gives up."""
    try:
        yield
    except BaseException:
        _silent[address] = monotonic()
        raise
    _silent.pop(address, None)


class _Group:
    """The order in which a group's Sentinels are asked, and the meaning of their answers."""

    group: Sentinels
    sentinels: list[Any]
    check_master_state: Callable[..., bool]

    def _in_order(self) -> Iterator[tuple[Address, Any]]:
        """Yield address and client of each Sentinel, the silent ones last."""
        pairs = zip(self.group.addresses, self.sentinels, strict=True)
        yield from sorted(pairs, key=lambda pair: _silent.get(pair[0], 0.0))

    def _primary(self, masters: Mapping[str, Any]) -> Address | None:
        """Return the primary's address from a Sentinel's answer; None if it knows no primary that answers."""
        state = masters.get(self.group.master)
        return (state["ip"], state["port"]) if state and self.check_master_state(state, self.group.master) else None

    def _unknown(self) -> MasterNotFoundError:
        return MasterNotFoundError(f"no Sentinel knows a primary of {self.group.master}")


class AsyncSentinels(_Group, redis.asyncio.sentinel.Sentinel):
    """The Sentinels of a group, for asyncio."""

    def __init__(self, group: Sentinels, tls: dict[str, Any]) -> None:
        self.group = group
        options = _options(group, tls, AsyncRetry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)))
        super().__init__(group.addresses, sentinel_kwargs=options)  # type: ignore[no-untyped-call]

    async def discover_master(self, service_name: str = "") -> Address:  # noqa: ARG002 - it has one group
        """Return host and port of the primary.

        The connection is closed at once, because the next question is usually far away.

        Raises:
            MasterNotFoundError: no Sentinel knows a primary that answers.
        """
        for address, sentinel in self._in_order():
            try:
                with _asking(address):
                    masters = await sentinel.sentinel_masters()
            except _NO_ANSWER:
                continue
            finally:
                await sentinel.connection_pool.disconnect(inuse_connections=False)
            if primary := self._primary(masters):
                return primary
        raise self._unknown()


class BlockingSentinels(_Group, redis.sentinel.Sentinel):
    """The Sentinels of a group, without asyncio."""

    def __init__(self, group: Sentinels, tls: dict[str, Any]) -> None:
        self.group = group
        options = _options(group, tls, Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)))
        super().__init__(group.addresses, sentinel_kwargs=options)  # type: ignore[no-untyped-call]

    def discover_master(self, service_name: str = "") -> Address:  # noqa: ARG002 - it has one group
        """Return host and port of the primary.

        Raises:
            MasterNotFoundError: no Sentinel knows a primary that answers.
        """
        for address, sentinel in self._in_order():
            try:
                with _asking(address):
                    masters = sentinel.sentinel_masters()
            except _NO_ANSWER:
                continue
            if primary := self._primary(masters):
                return primary
        raise self._unknown()


class AsyncPool(redis.asyncio.sentinel.SentinelConnectionPool, redis.asyncio.BlockingConnectionPool):
    """A pool of connections to the primary, which waits for a free connection instead of raising an error."""


class Pool(redis.sentinel.SentinelConnectionPool):
    """A pool of connections to the primary."""

    def close(self) -> None:
        """Close all connections, also those to the Sentinels."""
        super().close()
        self.sentinel_manager.close()


def asyncio_pool(group: Sentinels, tls: dict[str, Any], options: dict[str, Any]) -> AsyncPool:
    """Make a pool for asyncio.

    Args:
        group: the Sentinels.
        tls: redis-py's options of a connection with TLS; empty without it.
        options: redis-py's options of the pool and its connections.
    """
    connection = AsyncPrimarySSLConnection if tls else AsyncPrimaryConnection
    return AsyncPool(  # type: ignore[no-untyped-call]
        group.master, AsyncSentinels(group, tls), **{"connection_class": connection} | options
    )


def blocking_pool(group: Sentinels, tls: dict[str, Any], options: dict[str, Any]) -> Pool:
    """Make a pool without asyncio; the arguments are those of `asyncio_pool`."""
    connection = PrimarySSLConnection if tls else PrimaryConnection
    return Pool(  # type: ignore[no-untyped-call]
        group.master, BlockingSentinels(group, tls), **{"connection_class": connection} | options
    )


def _options(group: Sentinels, tls: dict[str, Any], retry: object) -> dict[str, Any]:
    """Return redis-py's options of a client of one Sentinel; a lost connection is opened again, once."""
    return {
        "username": group.user or None,
        "password": group.password or None,
        "protocol": 2,
        "driver_info": None,
        "socket_timeout": _ASK_SECONDS,
        "socket_connect_timeout": _ASK_SECONDS,
        "retry": retry,
        **({"ssl": True} | tls if tls else {}),
    }
