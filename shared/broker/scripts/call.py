"""A Lua script, and a prepared call of a script with its keys and arguments."""

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha1
from importlib.resources import files
from typing import Any, Generic, TypeVar

Argument = str | bytes | int | float
T = TypeVar("T")


class Script:
    """A Lua script.

    Args:
        names: names of the files that are joined to the script's source, without ``.lua``.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    @cached_property
    def source(self) -> str:
        """The Lua text."""
        folder = files(__package__)
        return "".join(folder.joinpath(f"{name}.lua").read_text("utf-8") for name in self._names)

    @cached_property
    def digest(self) -> str:
        """The SHA-1 digest of the source, by which EVALSHA names the script."""
        return sha1(self.source.encode(), usedforsecurity=False).hexdigest()


class Call(Generic[T]):
    """A script with the keys and arguments of one call. A plain class with slots: one is made for each step of a miss.

    Args:
        script: the script.
        keys: its KEYS.
        args: its ARGV.
        parse: reads the reply.
    """

    __slots__ = ("command", "parse", "script")

    def __init__(
        self, script: Script, keys: Sequence[str], args: Sequence[Argument], parse: Callable[[Any], T]
    ) -> None:
        self.script = script
        self.command: tuple[Argument, ...] = ("EVALSHA", script.digest, len(keys), *keys, *args)
        """The command for a server that has stored the script."""
        self.parse = parse

    @property
    def full_command(self) -> tuple[Argument, ...]:
        """The command with the script's source, which the server then stores."""
        return ("EVAL", self.script.source, *self.command[2:])
