"""A row of the suite under way: its service, its sizes, its bounds, and what it puts into the table."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.redis import RedisServer
from tests.support.service import PRODUCT_CACHE_TIMEOUT, Service


@dataclass
class Run:
    """One row under way.

    Args:
        folder: where its parts keep their files.
        short: smaller numbers and no bounds on times, for a machine that does other things as well.
        note: puts something that was seen into the table.
        broker: the broker, if it is not an ordinary server.
    """

    folder: Path
    short: bool
    note: Callable[[str], None]
    broker: RedisServer | None = None

    def __post_init__(self) -> None:
        self.service = Service(self.folder, cache_timeout=PRODUCT_CACHE_TIMEOUT, broker_server=self.broker)

    def size(self, full: int, short: int) -> int:
        """Choose a number by the length of the run."""
        return short if self.short else full

    def within(self, what: str, seconds: float, most: float) -> None:
        """Hold a time against its bound, and put it into the table."""
        self.note(f"{what} {_time(seconds)} (≤ {_time(most)})")
        assert self.short or seconds <= most, f"{what} took {seconds:.3f} s, not at most {most} s"

    def below(self, what: str, value: float, most: float) -> None:
        """Hold a number against its bound, and put it into the table."""
        self.note(f"{what} {value:.3g} (≤ {most:g})")
        assert self.short or value <= most, f"{what} is {value}, not at most {most}"

    @contextmanager
    def timed(self, what: str, most: float) -> Iterator[None]:
        """Hold the time that something takes against its bound."""
        began = time.monotonic()
        yield
        self.within(what, time.monotonic() - began, most)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
