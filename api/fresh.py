"""A cache of one value that is read at most once a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_KEEP_SECONDS = 1.0
"""Seconds for which a value is kept, so that many scrapes do not slow Redis."""


class Fresh(Generic[T]):
    """A value that is read again when it is older than a second.

    Args:
        ask: reads the value; it must not raise.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._lock = asyncio.Lock()
        self._kept: T
        self._read = float("-inf")

    async def get(self) -> T:
        """Return the value, and read it first if it is too old; concurrent callers share one read."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            if loop.time() - self._read > _KEEP_SECONDS:
                self._kept = await self._ask()
                self._read = loop.time()
            return self._kept
