"""A part of the product as a child process: start, output, stop."""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from shared.stack.errors import StackError
from shared.stack.output import Output

_LONGEST_LINE: Final = 64 * 1024
_POLL_SECONDS: Final = 0.05
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True)
class Part:
    """The description of a part of the product: its command, and how it starts and stops.

    Args:
        name: name in messages.
        command: program and arguments, without secrets.
        environment: variables that are added to those of the launcher.
        stdin: text that is written to the standard input of the process; may contain secrets.
        ready: returns whether the part answers; the next part starts only after that.
        stop_seconds: seconds after which a part that has not stopped is killed.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    ready: Callable[[], Awaitable[bool]] | None = None
    stop_seconds: float = 10.0


class Child:
    """A running part, in a separate session, so that Ctrl-C in a terminal reaches only the launcher, which stops it."""

    def __init__(self, part: Part, process: Process, output: Output) -> None:
        self.part = part
        self._process = process
        self._output = output
        self._reader = asyncio.create_task(self._forward())

    @classmethod
    async def start(cls, part: Part, output: Output) -> "Child":
        """Start a part.

        Raises:
            StackError: the program cannot be run.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
                env=os.environ | part.environment,
                start_new_session=True,
                preexec_fn=_end_with_launcher,
            )
        except OSError as error:
            raise StackError(f"{part.name} cannot be started: {part.command[0]}: {error.strerror}") from None
        assert process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(part.stdin.encode())
            await process.stdin.drain()
        process.stdin.close()
        return cls(part, process, output)

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait until the process has ended and its output is written; return the exit code (negative: a signal)."""
        code = await self._ended()
        # A grandchild may keep the pipe open for longer. The reader is not cancelled, because `wait` may be called
        # again.
        await asyncio.wait([self._reader], timeout=1)
        return code

    async def stop(self) -> None:
        """Terminate the process, wait for its end at most `stop_seconds`, and kill the rest of its process group."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(self.part.stop_seconds):
                    await self._ended()
        self.kill()
        await self.wait()

    def kill(self) -> None:
        """Kill the process group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _ended(self) -> int:
        """Poll for the exit code: asyncio's `wait` also waits for the pipe, which a grandchild may keep open.

        See python/cpython#119710.
        """
        while (code := self._process.returncode) is None:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
        return code

    async def _forward(self) -> None:
        """Write each line of output as it arrives; a line that is too long is written in parts."""
        assert self._process.stdout is not None
        rest = b""
        while data := await self._process.stdout.read(_LONGEST_LINE):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._write(line)
        if rest:
            self._write(rest)

    def _write(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        if text.strip():
            self._output.line(self.part.name, text)


def _end_with_launcher() -> None:
    """Make Linux kill this process when the launcher dies.

    The signal is SIGKILL, because a part may not handle SIGTERM when its output is no longer read. Redis loses nothing:
    accepted jobs are in its append-only file.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
