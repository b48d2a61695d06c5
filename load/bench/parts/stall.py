"""Detection of stalls of the whole machine, which virtual machines can have; a measurement with one is not valid."""

import threading
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from load.errors import BenchError
from load.generate.drive import Say

T = TypeVar("T")
_TICK_SECONDS: Final = 0.02
LONGEST_SECONDS: Final = 0.5
"""Delay of a sleeping thread in seconds above which the machine has stalled; a busy core causes shorter ones."""
_TRIES: Final = 3


class StallWatch:
    """A thread that sleeps repeatedly inside a context; `longest` is the largest delay of its wake-ups in seconds."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stall-watch", daemon=True)
        self.longest = 0.0

    def __enter__(self) -> "StallWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        before = time.monotonic()
        while not self._stop.wait(_TICK_SECONDS):
            now = time.monotonic()
            self.longest = max(self.longest, now - before - _TICK_SECONDS)
            before = now


async def undisturbed(measure: Callable[[], Awaitable[T]], say: Say) -> T:
    """Measure, and measure again if the machine stalled; the decision does not depend on the measured values.

    Raises:
        BenchError: the machine stalled each time, or the measurement failed without a stall.
    """
    for _ in range(_TRIES):
        with StallWatch() as watch:
            try:
                measured = await measure()
            except BenchError:
                if watch.longest <= LONGEST_SECONDS:
                    raise
        if watch.longest <= LONGEST_SECONDS:
            return measured
        say(f"the machine stood still for {watch.longest:.1f} s; measuring again")
    raise BenchError(f"the machine stood still in {_TRIES} measurements, the last time for {watch.longest:.1f} s")
