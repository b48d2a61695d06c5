"""Waiting until a job makes progress or ends, by events instead of polling the broker."""

import asyncio
from types import TracebackType
from typing import Final, Self

_STEP_SECONDS: Final = 0.5
"""Seconds after the begin of a wait before which progress does not end it; the end of the job ends it at once."""


class Listener:
    """One request that waits for a job; a context manager that receives all events inside the context."""

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
        """Record that the job has made progress, or has ended."""
        self._moved.set()
        if ended:
            self._ended.set()

    async def changed(self, limit: float) -> bool:
        """Wait at most `limit` seconds until the job ends or makes progress; return whether it did."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if not await _within(self._moved, limit):
            return False
        await _within(self._ended, min(limit, _STEP_SECONDS) - (loop.time() - began))
        return True


class JobWatch:
    """Passes events of jobs from the process's subscription to the requests that wait."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._closing = False

    def listen(self, job_id: str) -> Listener:
        """Return a listener for the events of a job."""
        for empty in [name for name, listeners in self._listeners.items() if not listeners]:
            del self._listeners[empty]
        listener = Listener(self._listeners.setdefault(job_id, set()))
        if self._closing:
            listener.notify(ended=True)
        return listener

    def notify(self, job_id: str, ended: bool) -> None:  # noqa: FBT001
        """Pass an event of a job to all its listeners."""
        for listener in self._listeners.get(job_id, ()):
            listener.notify(ended=ended)

    def wake_all(self) -> None:
        """End all waits, because events may have been missed."""
        for job_id in self._listeners:
            self.notify(job_id, ended=True)

    def close(self) -> None:
        """End all waits now, and later ones at once, because the process stops."""
        self._closing = True
        self.wake_all()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return False
    return True
