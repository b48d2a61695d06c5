"""How late the event loop is: what every request waits for before anything is done for it."""

import asyncio

from api.metrics.tallies import Histogram

_EVERY_SECONDS = 0.1


async def watch_lag(histogram: Histogram) -> None:
    """Set a timer again and again, and count how late each is."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        histogram.observe(max(0.0, loop.time() - due))
