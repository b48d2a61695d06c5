"""The wait until replicas of the broker have a write, so that a failover does not lose it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from shared.broker.scripts.call import Argument, Call
from shared.broker.scripts.callers import run

T = TypeVar("T")


@dataclass(frozen=True)
class Replicas:
    """The replicas that must have a write.

    Args:
        number: number of replicas; with 0 nothing is waited for.
        seconds: longest wait for them.
    """

    number: int
    seconds: float

    async def run(self, redis: Redis, call: Call[T]) -> tuple[T, bool]:
        """Run a script, and return its reply and whether the replicas have confirmed its writes in time.

        Raises:
            RedisError, OSError: the server refuses, or there is no connection.
        """
        if not self.number:
            return await run(redis.execute_command, call), True
        try:
            reply, confirmed = await self._wait_after(redis, call.command)
        except NoScriptError:
            reply, confirmed = await self._wait_after(redis, call.full_command)
        return call.parse(reply), confirmed

    async def confirm(self, redis: Redis, channel: str, message: str) -> bool:
        """Return True if the replicas have all earlier writes in time.

        WAIT waits for the writes of its own connection, so a message is published first: replicas receive it, too.

        Args:
            redis: client of the server.
            channel: channel of the message.
            message: a message whose repetition is harmless.

        Raises:
            RedisError, OSError: the server refuses, or there is no connection.
        """
        if not self.number:
            return True
        _, confirmed = await self._wait_after(redis, ("PUBLISH", channel, message))
        return confirmed

    async def _wait_after(self, redis: Redis, command: tuple[Argument, ...]) -> tuple[Any, bool]:
        """Run a command, and wait on the same connection until the replicas have its writes."""
        async with redis.pipeline(transaction=False) as pipe:
            pipe.execute_command(*command)
            pipe.execute_command("WAIT", self.number, max(1, round(self.seconds * 1000)))
            reply, replicas = await pipe.execute()
        return reply, replicas >= self.number
