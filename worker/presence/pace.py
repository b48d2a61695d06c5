"""The measured speed of this process, with all costs of model, queue, broker and other programs, and its work time."""

from typing import Final

from shared.contract.names import LANES, Lane

_SMOOTHING: Final = 0.1
_OUTLIER: Final = 10.0
"""Largest factor by which a single message may count as slower than the pace, as the machine may have stood still."""
_SURROUNDINGS: Final = 2.0
"""Assumed cost of a text before the first measurement, as a multiple of the model's time."""


class Pace:
    """The average time in seconds that an estimated token takes, from the end of one message to the end of the next.

    The time between two messages counts only if the second one was waiting when the first began; otherwise the process
    was idle.

    Args:
        model_seconds: seconds that the model took for a token in its warm-up.
    """

    def __init__(self, model_seconds: float) -> None:
        self._seconds = model_seconds * _SURROUNDINGS
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
            self._seconds += _SMOOTHING * (seen - self._seconds)
            self._spent = 0.0
