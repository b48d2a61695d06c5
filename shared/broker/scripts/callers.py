"""Running a call of a script and reading its reply, from asyncio and without."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import NoScriptError

from shared.broker.scripts.call import Call

T = TypeVar("T")


async def run(send: Callable[..., Awaitable[Any]], call: Call[T]) -> T:
    """Run a script, and return its parsed reply; the source is sent only if the server has not stored the script.

    Args:
        send: sends a command and returns its reply, as `execute_command` of redis-py's client does.
        call: a call that one of this package's functions has built.

    Raises:
        RedisError, OSError: the server refuses, or there is no connection.
    """
    try:
        return call.parse(await send(*call.command))
    except NoScriptError:
        return call.parse(await send(*call.full_command))


def run_blocking(redis: Redis, call: Call[T]) -> T:
    """Run a script on a blocking client, as `run` does.

    Raises:
        RedisError, OSError: the server refuses, or there is no connection.
    """
    send: Callable[..., Any] = redis.execute_command
    try:
        return call.parse(send(*call.command))
    except NoScriptError:
        return call.parse(send(*call.full_command))
