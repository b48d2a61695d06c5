"""The lag of the event loop, for which every request waits."""

import asyncio

from api.metrics.tallies import Histogram

_EVERY_SECONDS = 0.1


async def watch_lag(histogram: Histogram) -> None:
    """Set a timer every 0.1 s in an endless loop, and record its delay in seconds."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        histogram.observe(max(0.0, loop.time() - due))
