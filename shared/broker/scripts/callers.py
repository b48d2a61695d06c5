"""Running a call of a script and reading its reply, from asyncio and without."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import NoScriptError

from shared.broker.scripts.call import Call

T = TypeVar("T")


async def run(send: Callable[..., Awaitable[Any]], call: Call[T]) -> T:
    """Run a script, sending its source only to a server that does not know it.

    Args:
        send: sends a command and returns its reply, as `execute_command` of redis-py's client does.
        call: made by one of this package's functions.

    Raises:
        RedisError, OSError: the server refuses, or there is no connection.
    """
    try:
        return call.parse(await send(*call.command))
    except NoScriptError:
        return call.parse(await send(*call.full_command))


def run_blocking(redis: Redis, call: Call[T]) -> T:
    """Run a script as `run` does, on a blocking client.

    Raises:
        RedisError, OSError: the server refuses, or there is no connection.
    """
    send: Callable[..., Any] = redis.execute_command
    try:
        return call.parse(send(*call.command))
    except NoScriptError:
        return call.parse(send(*call.full_command))
