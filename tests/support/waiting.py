"""Waiting for a condition by polling, instead of sleeping for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_POLL_SECONDS = 0.01


def wait_for(condition: Callable[[], T | None], what: str, seconds: float = 30.0, every: float = _POLL_SECONDS) -> T:
    """Poll every `every` seconds until the condition returns a true value, and return that value.

    Raises:
        AssertionError: the condition was not true within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(every)
