"""A row of the suite under way, and its conditions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import pytest

from shared.contract.errors import SentimentError
from tests.k8s.cluster import Say
from tests.support.waiting import wait_for

T = TypeVar("T")
MINUTES: Final = 60.0
DELIVER: Final = pytest.StashKey[Callable[[], None]]()
"""Function that brings the images to the cluster."""
_POLL: Final = 0.5


@dataclass(frozen=True)
class Run:
    """One run of a row."""

    say: Say
    """Tells progress."""
    note: Say
    """Keeps a fact for the table, and tells it at once."""


def require(right: object, complaint: str) -> None:
    """Fail the row with a sentence unless something holds.

    Raises:
        SentimentError: it does not.
    """
    if not right:
        raise SentimentError(complaint)


def until(condition: Callable[[], T | None], what: str, seconds: float) -> T:
    """Wait for something on the cluster: a look at it takes a process of kubectl's, so it is taken twice a second.

    Raises:
        AssertionError: it did not come within `seconds`.
    """
    return wait_for(condition, what, seconds, _POLL)
