"""Supervision of the parts: start in order, restart a part that dies, end the stack if a part dies too often.

honcho stops everything when one part dies; supervisor and circus need configuration files, control sockets and a log
file for each part. This module needs one output stream and one rule for repeated deaths.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from typing import Final

from shared.stack.child import Child, Part
from shared.stack.errors import StackError
from shared.stack.output import Output

_DEATHS: Final = 6
_WITHIN_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.2
_READY_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.05


class Supervisor:
    """Starts parts and keeps them running until `stop` is called.

    Args:
        parts: the parts in the order in which they start.
        output: receives their lines.
    """

    def __init__(self, parts: Sequence[Part], output: Output) -> None:
        self._parts = parts
        self._output = output
        self._children: dict[str, Child] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._settled = False

    async def start(self) -> None:
        """Start every part; after a part with a readiness check, wait until it is ready before the next one starts.

        Raises:
            StackError: a part cannot start, or ends, or is not ready in time.
        """
        for part in self._parts:
            self._children[part.name] = await Child.start(part, self._output)
            self._keepers.append(asyncio.create_task(self._keep(part)))
            if part.ready is not None:
                await self.unless_failed(self._until_ready(part))

    def settle(self) -> None:
        """From now on, restart a part that dies; before this call, a death is a failed start."""
        self._settled = True

    async def unless_failed(self, work: Awaitable[None]) -> None:
        """Wait for some work, and cancel it if a part fails meanwhile.

        Raises:
            StackError: a part has failed and is not restarted.
        """
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait([task, *self._keepers], return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for finished in (*self._keepers, task):  # first the parts: if both failed, the part is the cause
            if finished in done:
                finished.result()

    async def stop(self) -> None:
        """Stop every part, in the reverse order of the start."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for part in reversed(self._parts):
            if child := self._children.get(part.name):
                await child.stop()
                del self._children[part.name]  # only now, because `kill` needs the entry during the stop

    def kill(self) -> None:
        """Kill every part at once; `stop` then has nothing to wait for."""
        for child in self._children.values():
            child.kill()

    async def _keep(self, part: Part) -> None:
        """Restart a part whenever it dies.

        Raises:
            StackError: the part died during the start of the stack, or too often.
        """
        deaths: deque[float] = deque(maxlen=_DEATHS)
        loop = asyncio.get_running_loop()
        while True:
            code = await self._children[part.name].wait()
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            if not self._settled:
                raise StackError(_with_tail(f"{part.name} cannot start: it {how}", self._output.tail(part.name)))
            deaths.append(loop.time())
            if len(deaths) == _DEATHS and deaths[-1] - deaths[0] <= _WITHIN_SECONDS:
                raise StackError(f"{part.name} {how}: its {_DEATHS}th death within {_WITHIN_SECONDS:.0f} s, giving up")
            self._output.say(f"{part.name} {how}; starting it again")
            self._children[part.name].kill()
            await asyncio.sleep(_PAUSE_SECONDS)
            self._children[part.name] = await Child.start(part, self._output)

    async def _until_ready(self, part: Part) -> None:
        assert part.ready is not None
        try:
            async with asyncio.timeout(_READY_SECONDS):
                while not await part.ready():  # noqa: ASYNC110
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise StackError(f"{part.name} does not answer after {_READY_SECONDS:.0f} s") from None


def _with_tail(sentence: str, lines: Sequence[str]) -> str:
    return "\n".join([sentence, *(f"    {line}" for line in lines[-5:])])
