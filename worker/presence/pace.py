"""The measured speed of this process, with all costs of model, queue, broker and other programs, and its work time."""

from typing import Final

from shared.contract.names import LANES, Lane
from shared.contract.tokens import Cost
from worker.engines.base import PROBE

_SMOOTHING: Final = 0.1
"""Weight of a measurement in the average; the first ones weigh more, as the guess before them may be far off."""
_OUTLIER: Final = 10.0
"""Largest factor by which a single message may count as slower than the pace, as the machine may have stood still."""
_SURROUNDINGS: Final = 0.001
"""Assumed seconds of a message around its passes, before the first measurement."""


class Pace:
    """The average time in seconds that an estimated token takes, from the end of one message to the end of the next.

    The time between two messages counts only if the second one was waiting when the first began; otherwise the process
    was idle.

    Args:
        seconds: seconds that the model took for the text of self-tests in its warm-up.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = _guess(seconds)
        self._measured = 0
        self._ended = 0.0
        self._waiting = False
        self._spent = 0.0
        self._worked = dict.fromkeys(LANES, 0.0)
        self._told = dict.fromkeys(LANES, 0.0)

    @property
    def rate(self) -> float:
        """Estimated tokens per second."""
        return 1 / self._seconds

    def take_seconds(self) -> dict[Lane, float]:
        """Return the seconds of work for each lane since the last call; only the heartbeat may call this."""
        worked = dict(self._worked)
        seconds = {lane: worked[lane] - self._told[lane] for lane in LANES}
        self._told = worked
        return seconds

    def tested(self, seconds: float) -> None:
        """Correct the guess by a self-test, as the warm-up may have been slowed by other programs that started, too."""
        if not self._measured:
            self._seconds = min(self._seconds, _guess(seconds))

    def record(self, began: float, ended: float, tokens: int, *, lane: Lane, waiting: bool) -> None:
        """Record one message.

        Args:
            began: time of its begin, in seconds of any clock.
            ended: time of its end, by the same clock.
            tokens: estimated tokens that were computed for it; 0 if no text had to be computed.
            lane: lane of the message.
            waiting: whether another message was in the queue when it began.
        """
        self._worked[lane] += ended - began
        self._spent += ended - (self._ended if self._waiting else began)
        self._ended, self._waiting = ended, waiting
        if tokens:
            seen = min(self._spent / tokens, _OUTLIER * self._seconds)
            self._measured += 1
            self._seconds += max(_SMOOTHING, 1 / (1 + self._measured)) * (seen - self._seconds)
            self._spent = 0.0


def _guess(seconds: float) -> float:
    """Return the seconds that a token is assumed to take, from the seconds of a self-test."""
    return (seconds + _SURROUNDINGS) / Cost().estimate(PROBE)
