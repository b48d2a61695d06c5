"""The clock of the cache Redis, so that the slots of all processes begin at the same moments."""

import asyncio
import time


class RedisClock:
    """An estimate of Redis's clock, in ms since 1970; before the first correction it is this machine's clock.

    It must be created inside the running event loop.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._offset = time.time() - self._loop.time()

    def now(self) -> float:
        """Return the current time."""
        return (self._loop.time() + self._offset) * 1000

    def correct(self, told: int, asked: float) -> None:
        """Correct this clock by a time that Redis has returned.

        Args:
            told: the time that Redis returned.
            asked: time of this clock at which the command was sent; half of the round trip counts as the reply's age.
        """
        self._offset += (told - (asked + self.now()) / 2) / 1000

    async def sleep_until(self, moment: float) -> None:
        """Sleep until a time of this clock."""
        await asyncio.sleep(max(0.0, (moment - self.now()) / 1000))
