"""What a row of the table is, and the list of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from shared.contract.errors import SentimentError
from tests.k8s.cluster import Say
from tests.support.waiting import wait_for

T = TypeVar("T")
MINUTES: Final = 60.0
_POLL: Final = 0.5


@dataclass
class Run:
    """One run of a row: it tells its progress, and keeps what is worth a place in the table."""

    say: Say
    notes: list[str] = field(default_factory=list)

    def note(self, fact: str) -> None:
        """Keep a fact for the table, and tell it at once."""
        self.notes.append(fact)
        self.say(fact)


@dataclass(frozen=True)
class Row:
    """What is done to the release, what must hold, and the function that shows it."""

    number: int
    title: str
    expected: str
    show: Callable[[Run], None]
    fresh: bool = False
    """It makes, or needs, no release."""


ROWS: Final[dict[int, Row]] = {}


def row(number: int, title: str, expected: str, *, fresh: bool = False) -> Callable[[Callable[[Run], None]], None]:
    """Enter a function into the table."""

    def enter(show: Callable[[Run], None]) -> None:
        ROWS[number] = Row(number, title, expected, show, fresh)

    return enter


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
