"""Commands to Redis whose replies are read later, so that a worker can compute meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from shared.broker.scripts.call import Argument, Call, Script

Command = tuple[Argument, ...]
"""A command of Redis."""


class Pipe:
    """One connection of a client's pool, used by one thread.

    Args:
        redis: the client.
    """

    def __init__(self, redis: Redis) -> None:
        self._pool = redis.connection_pool
        self._known: set[Script] = set()
        """Scripts that were sent with their source over this connection."""
        self._connection: Any = None
        self._owed = 0
        self._batch: list[Command] | None = None
        """Commands that `together` will send in one write; None outside of it."""

    def send(self, *command: Argument) -> None:
        """Send a command; `collect` returns its reply.

        Raises:
            RedisError, OSError: the connection cannot be opened or is lost; all outstanding replies are lost too.
        """
        self.send_all([command])

    def send_all(self, commands: Sequence[Command]) -> None:
        """Send commands in one write; `collect` returns their replies.

        Raises:
            RedisError, OSError: see `send`.
        """
        if self._batch is None:
            self._write(commands)
        else:
            self._batch += commands

    def send_call(self, call: Call[Any]) -> None:
        """Send a call of a script, the first time with its source; `collect` returns its reply, which is not parsed.

        Raises:
            RedisError, OSError: see `send`.
        """
        if call.script in self._known:
            self.send(*call.command)
        else:
            self.send(*call.full_command)
            self._known.add(call.script)

    def together(self, send: Callable[[], object]) -> None:
        """Send all commands of a function in one write; `collect` returns their replies.

        Args:
            send: sends commands through this pipe.

        Raises:
            RedisError, OSError: see `send`.
        """
        batch: list[Command] = []
        self._batch = batch
        try:
            send()
        finally:
            self._batch = None
        self._write(batch)

    def collect(self, most: int | None = None) -> list[Any]:
        """Wait for all outstanding replies, or the first `most` of them, and return them in order.

        Raises:
            RedisError, OSError: the connection is lost, or a command was refused; the other replies are lost too.
        """
        rest = 0 if most is None else max(0, self._owed - most)
        try:
            replies = []
            while self._owed > rest:
                replies.append(self._connection.read_response())
                self._owed -= 1
            return replies
        except (RedisError, OSError):
            self.drop()
            raise

    def exchange(self, send: Callable[[], object]) -> list[Any]:
        """Send commands and return their replies; if the connection was lost, do it once more on a new one.

        Outstanding replies of earlier commands are dropped with their connection.

        Args:
            send: sends commands through this pipe; it must be safe to run them twice.

        Raises:
            RedisError, OSError: the second attempt failed, or a command was refused.
        """
        if self._owed:
            self.drop()
        try:
            return self._exchange(send)
        except (RedisConnectionError, NoScriptError, OSError):
            return self._exchange(send)

    def _exchange(self, send: Callable[[], object]) -> list[Any]:
        self.together(send)
        return self.collect()

    def _write(self, commands: Sequence[Command]) -> None:
        try:
            if self._connection is None:
                self._connection = self._pool.get_connection()
            # hiredis packs commands in a quarter of the time that redis-py's own code takes.
            packed = b"".join(map(hiredis.pack_command, commands))  # type: ignore[arg-type]
            self._connection.send_packed_command([packed], check_health=False)
            self._owed += len(commands)
        except (RedisError, OSError):
            self.drop()
            raise

    def drop(self) -> None:
        """Close the connection, and forget its outstanding replies."""
        self._owed = 0
        self._known.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()
            self._pool.release(connection)
