"""Commands to Redis whose replies are collected later: a worker has better to do than to wait for each."""

from collections.abc import Callable, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from shared.broker.scripts import Script

Argument = str | bytes | int


class Pipe:
    """One connection of a client's pool, for one thread.

    Args:
        redis: the client.
        scripts: what `run` will be asked for; every new connection makes sure that the server knows them.
    """

    def __init__(self, redis: Redis, *scripts: Script) -> None:
        self._pool = redis.connection_pool
        self._scripts = {script: redis.register_script(script.source) for script in scripts}
        self._connection: Any = None
        self._owed = 0

    def send(self, *command: Argument) -> None:
        """Send a command; its reply is owed.

        Raises:
            RedisError, OSError: the connection cannot be made or is lost, with all that is owed.
        """
        try:
            if self._connection is None:
                self._open()
            self._connection.send_command(*command, check_health=False)
            self._owed += 1
        except (RedisError, OSError):
            self.drop()
            raise

    def run(self, script: Script, keys: Sequence[str], args: Sequence[Argument]) -> None:
        """Send a script; its reply is owed.

        Raises:
            RedisError, OSError: see `send`.
        """
        self.send("EVALSHA", self._scripts[script].sha, len(keys), *keys, *args)

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
        """Send what `send` sends and collect the replies, once more if the connection turns out to be dead.

        What was owed before is not waited for.

        Args:
            send: sends commands through this pipe that may be done twice.

        Raises:
            RedisError, OSError: it failed twice, or was refused.
        """
        if self._owed:
            self.drop()
        try:
            send()
            return self.collect()
        except (RedisConnectionError, NoScriptError, OSError):
            send()
            return self.collect()

    def drop(self) -> None:
        """Forget the connection and what is owed."""
        self._owed = 0
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()
            self._pool.release(connection)

    def _open(self) -> None:
        self._connection = self._pool.get_connection()
        for script in self._scripts.values():
            self._connection.send_command("SCRIPT", "LOAD", script.script)
            self._connection.read_response()
