"""The time as Redis has it, so that all processes cut it at the same moments."""

import asyncio
import time


class RedisClock:
    """This machine's time until Redis has told its own. Times in ms since 1970. Make it inside the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._offset = time.time() - self._loop.time()

    def now(self) -> float:
        """Return the time."""
        return (self._loop.time() + self._offset) * 1000

    def correct(self, told: int, asked: float) -> None:
        """Take over what Redis said.

        Args:
            told: its time.
            asked: when it was asked, by this clock; half of the way there and back is counted as its age.
        """
        self._offset += (told - (asked + self.now()) / 2) / 1000

    async def sleep_until(self, moment: float) -> None:
        """Sleep until a moment by this clock."""
        await asyncio.sleep(max(0.0, (moment - self.now()) / 1000))
