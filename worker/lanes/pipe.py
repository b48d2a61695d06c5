"""Commands to Redis whose replies are collected later, so that a worker computes meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from shared.broker.scripts.call import Argument, Call, Script


class Pipe:
    """One connection of a client's pool, for one thread.

    Args:
        redis: the client.
    """

    def __init__(self, redis: Redis) -> None:
        self._pool = redis.connection_pool
        self._known: set[Script] = set()
        """Scripts that were sent over this connection."""
        self._connection: Any = None
        self._owed = 0
        self._batch: list[tuple[Argument, ...]] | None = None
        """Commands of an exchange, which leave in one write."""

    def send(self, *command: Argument) -> None:
        """Send a command; its reply is owed.

        Raises:
            RedisError, OSError: the connection cannot be made or is lost, with all that is owed.
        """
        if self._batch is None:
            self._write([command])
        else:
            self._batch.append(command)

    def send_call(self, call: Call[Any]) -> None:
        """Send a call of a script, with its source the first time over a connection; its reply is owed, and not read.

        Raises:
            RedisError, OSError: see `send`.
        """
        if call.script in self._known:
            self.send(*call.command)
        else:
            self.send(*call.full_command)
            self._known.add(call.script)

    def collect(self) -> list[Any]:
        """Wait for the replies that are owed, in order.

        Raises:
            RedisError, OSError: the connection is lost, or a command was refused; nothing is owed any longer.
        """
        try:
            replies = []
            while self._owed:
                replies.append(self._connection.read_response())
                self._owed -= 1
            return replies
        except (RedisError, OSError):
            self.drop()
            raise

    def exchange(self, send: Callable[[], object]) -> list[Any]:
        """Send commands by `send` and collect the replies; try once more if the connection turns out to be dead.

        What was owed before is not waited for.

        Args:
            send: sends commands through this pipe that may be done twice.

        Raises:
            RedisError, OSError: it failed twice, or was refused.
        """
        if self._owed:
            self.drop()
        try:
            return self._exchange(send)
        except (RedisConnectionError, NoScriptError, OSError):
            return self._exchange(send)

    def _exchange(self, send: Callable[[], object]) -> list[Any]:
        batch: list[tuple[Argument, ...]] = []
        self._batch = batch
        try:
            send()
        finally:
            self._batch = None
        self._write(batch)
        return self.collect()

    def _write(self, commands: Sequence[tuple[Argument, ...]]) -> None:
        try:
            if self._connection is None:
                self._connection = self._pool.get_connection()
            # hiredis does it in a quarter of the time of redis-py's own packing, which looks at each argument first.
            packed = b"".join(map(hiredis.pack_command, commands))  # type: ignore[arg-type]
            self._connection.send_packed_command([packed], check_health=False)
            self._owed += len(commands)
        except (RedisError, OSError):
            self.drop()
            raise

    def drop(self) -> None:
        """Forget the connection and what is owed."""
        self._owed = 0
        self._known.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()
            self._pool.release(connection)
