"""A copy of the ring in this process, which reads only new slots."""

import asyncio
from typing import Final

from api.stats.clock import RedisClock
from api.stats.counts import SLOTS, STEP_MS
from api.stats.points import Number, point, total
from api.stats.ring import Ring

_SETTLE_MS: Final = 1_000
"""Milliseconds after the end of a slot before it is shown, so that every process can publish its counts."""
_OPEN_SLOTS: Final = 4
"""Number of the newest slots that are read again, because a process may have published late."""
_MINUTE: Final = 60_000 // STEP_MS


class History:
    """The slots that have ended.

    Args:
        ring: the ring in the cache.
        clock: Redis's clock.
    """

    def __init__(self, ring: Ring, clock: RedisClock) -> None:
        self._ring = ring
        self._clock = clock
        self._lock = asyncio.Lock()
        self._slots: dict[int, list[int]] = {}
        self._points: dict[int, list[Number]] = {}
        self._read_to = 0

    @property
    def newest(self) -> int:
        """Number of the last slot that is shown."""
        return int((self._clock.now() - _SETTLE_MS) // STEP_MS) - 1

    async def refresh(self) -> None:
        """Read the slots that may have changed; while Redis does not answer, the known slots are kept."""
        async with self._lock:
            newest = self.newest
            if newest == self._read_to:
                return
            oldest = newest - SLOTS + 1
            found = await self._ring.read(range(max(oldest, self._read_to - _OPEN_SLOTS + 1), newest + 1))
            if found is None:
                return
            self._read_to = newest
            self._slots |= found
            self._points |= {slot: point(slot, counts) for slot, counts in found.items()}
            for slot in [slot for slot in self._slots if slot < oldest]:
                del self._slots[slot], self._points[slot]

    def points(self, after: int) -> list[list[Number]]:
        """Return the points of slots later than `after`, the oldest first."""
        return [self._points[slot] for slot in sorted(self._points) if slot > after]

    def minute(self) -> tuple[int, list[int]]:
        """Return the number of known slots of the last minute, and the total of their counts."""
        slots = [counts for slot, counts in self._slots.items() if slot > self.newest - _MINUTE]
        return len(slots), total(slots)

    def processes(self) -> int:
        """Return the number of API processes: the larger one of the last two slots, as a process may be late."""
        newest = self.newest
        return max(self._slots[slot][0] if slot in self._slots else 0 for slot in (newest - 1, newest))
