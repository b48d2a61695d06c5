"""Waiting until a job moves, without asking the broker again and again."""

import asyncio
from types import TracebackType
from typing import Final, Self

_STEP_SECONDS: Final = 0.5
"""Progress is told at most so often to one who waits; an end is told at once."""


class Listener:
    """One request that waits for a job, as a context: what happens inside is not missed."""

    def __init__(self, listeners: set["Listener"]) -> None:
        self._listeners = listeners
        self._moved = asyncio.Event()
        self._ended = asyncio.Event()

    def __enter__(self) -> Self:
        self._listeners.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listeners.discard(self)

    def notify(self, *, ended: bool) -> None:
        """Say that the job has moved, or that it moves no more."""
        self._moved.set()
        if ended:
            self._ended.set()

    async def changed(self, limit: float) -> bool:
        """Wait at most `limit` seconds for the end, or for progress; return whether there was any."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if not await _within(self._moved, limit):
            return False
        await _within(self._ended, min(limit, _STEP_SECONDS) - (loop.time() - began))
        return True


class JobWatch:
    """Wakes those who wait for a job; the events come over the process's one subscription."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._closing = False

    def listen(self, job_id: str) -> Listener:
        """Begin to wait for a job."""
        for empty in [name for name, listeners in self._listeners.items() if not listeners]:
            del self._listeners[empty]
        listener = Listener(self._listeners.setdefault(job_id, set()))
        if self._closing:
            listener.notify(ended=True)
        return listener

    def notify(self, job_id: str, ended: bool) -> None:  # noqa: FBT001
        """Wake everyone who waits for a job."""
        for listener in self._listeners.get(job_id, ()):
            listener.notify(ended=ended)

    def wake_all(self) -> None:
        """Wake everyone, for events may have been missed."""
        for job_id in self._listeners:
            self.notify(job_id, ended=True)

    def close(self) -> None:
        """Wake everyone, now and from now on: the process stops."""
        self._closing = True
        self.wake_all()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return False
    return True
