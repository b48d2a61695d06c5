"""One part as a child process: started, listened to, stopped."""

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
    """The command to run.

    Args:
        name: for people.
        command: program and arguments; nothing secret.
        environment: added to the launcher's own.
        stdin: fed to the process; may hold secrets.
        ready: says whether the part answers; the next part starts only then.
        stop_seconds: how long it may take to stop before it is killed.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    ready: Callable[[], Awaitable[bool]] | None = None
    stop_seconds: float = 10.0


class Child:
    """A running part, in a session of its own so that a terminal's Ctrl-C reaches it through the launcher alone."""

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
        """Process id, which is also its group's."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait until it has ended and its output has been written; return its exit code (negative: a signal)."""
        code = await self._ended()
        # A grandchild may hold the pipe open for longer; to cancel the reader would break the next who waits.
        await asyncio.wait([self._reader], timeout=1)
        return code

    async def stop(self) -> None:
        """Ask it to stop, and kill its whole group if it does not in time or leaves something behind."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(self.part.stop_seconds):
                    await self._ended()
        self.kill()
        await self.wait()

    def kill(self) -> None:
        """Kill its whole group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _ended(self) -> int:
        """Poll: asyncio's own wait waits for the pipe too, which a grandchild may hold (python/cpython#119710)."""
        while (code := self._process.returncode) is None:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
        return code

    async def _forward(self) -> None:
        """Write its lines as they come; one without an end is written in pieces."""
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
    """Linux: die with the launcher, even when it is killed.

    Not by SIGTERM: a part whose output nobody reads any longer may fail to handle that. What Redis has accepted is in
    its append-only file already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
