"""Publishing this process's counts to the ring after each slot, in the background."""

from api.dispatch.fleet_watch import FleetWatch
from api.metrics.work import WorkReader
from api.stats.clock import RedisClock
from api.stats.counts import MAXIMA, SLOTS, STEP_MS, UNKNOWN, Counter
from api.stats.ring import Ring
from shared.contract.names import Lane


class Publisher:
    """Adds counts to the ring at the end of each slot; after a failure they are kept and added with the next ones.

    Args:
        counter: reads the increase of this process's tallies.
        work: reads the unfinished work on the broker.
        watch: the last known fleet.
        ring: the ring in the cache.
        clock: Redis's clock.
    """

    def __init__(self, counter: Counter, work: WorkReader, watch: FleetWatch, ring: Ring, clock: RedisClock) -> None:
        self._counter = counter
        self._work = work
        self._watch = watch
        self._ring = ring
        self._clock = clock
        self._kept: dict[int, list[int]] = {}

    async def run(self) -> None:
        """Publish the counts of each slot, in an endless loop."""
        last = 0
        while True:
            slot = int(self._clock.now() // STEP_MS)
            await self._clock.sleep_until((slot + 1) * STEP_MS)
            if slot > last:  # if the clock was set back, a later slot gets all counts
                last = slot
                await self._publish(slot)

    async def _publish(self, slot: int) -> None:
        self._kept[slot] = [*self._counter.take(), *await self._maxima()]
        if await self._ring.add(self._kept):
            self._kept.clear()
        for old in sorted(self._kept)[:-SLOTS]:
            del self._kept[old]

    async def _maxima(self) -> list[int]:
        """Return the figures of `MAXIMA` in their order; all `UNKNOWN` while the broker does not answer."""
        work = await self._work.read()
        if work is None or not self._watch.broker_up:
            return [UNKNOWN] * len(MAXIMA)
        counts = [work.items[lane] for lane in (Lane.INTERACTIVE, Lane.BULK)]
        ages = [round(work.oldest[lane] * 1000) for lane in (Lane.INTERACTIVE, Lane.BULK)]
        return [*counts, *ages, len(self._watch.fleet.workers)]
