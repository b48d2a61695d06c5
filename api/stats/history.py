"""The last fifteen minutes as one process remembers them: only what is new is read."""

import asyncio
from typing import Final

from api.stats.clock import RedisClock
from api.stats.counts import SLOTS, STEP_MS
from api.stats.points import Number, point, total
from api.stats.ring import Ring

_SETTLE_MS: Final = 1_000
"""So long after its end a slot is shown: every process has published by then."""
_OPEN_SLOTS: Final = 4
"""So many of the newest slots are read again, for a process that was late."""
_MINUTE: Final = 60_000 // STEP_MS


class History:
    """The slots that are over.

    Args:
        ring: where they are.
        clock: when they are over.
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
        """The last slot that is over."""
        return int((self._clock.now() - _SETTLE_MS) // STEP_MS) - 1

    async def refresh(self) -> None:
        """Read the slots that may have changed; while Redis is away, the known slots stay."""
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
        """Return how many of the last minute's slots are known, and their sum."""
        slots = [counts for slot, counts in self._slots.items() if slot > self.newest - _MINUTE]
        return len(slots), total(slots)

    def processes(self) -> int:
        """Return how many API processes have counted in the last two slots, for one that is late in the newest."""
        newest = self.newest
        return max(self._slots[slot][0] if slot in self._slots else 0 for slot in (newest - 1, newest))
