"""How fast this process really works: model, queue, broker and the machine's other load together; and how much."""

from typing import Final

from shared.contract.names import LANES, Lane

_SMOOTHING: Final = 0.1
_OUTLIER: Final = 10.0
"""How many times as slow as before a message can look: a machine that stood still for seconds is no slow model."""
_SURROUNDINGS: Final = 2.0
"""The assumed cost of a text until its real cost is measured, as a multiple of the model's time alone."""


class Pace:
    """The seconds that an estimated token takes, from the end of one message to the end of the next.

    The time between two messages counts only if the second was waiting when the first began; else it was idleness.

    Args:
        model_seconds: what the model alone took for a token when it was warmed up.
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
        """Estimated tokens a second."""
        return 1 / self._seconds

    def take_seconds(self) -> dict[Lane, float]:
        """Return the seconds of work for each lane since this was last asked; only one thread asks."""
        worked = dict(self._worked)
        seconds = {lane: worked[lane] - self._told[lane] for lane in LANES}
        self._told = worked
        return seconds

    def record(self, began: float, ended: float, tokens: int, *, lane: Lane, waiting: bool) -> None:
        """Take note of one message.

        Args:
            began: when it was begun, in seconds of a clock.
            ended: when it was done.
            tokens: estimated work that was computed for it; 0 if everything was known or too late.
            lane: the queue that it came from.
            waiting: whether more was in the queue when it was begun.
        """
        self._worked[lane] += ended - began
        self._spent += ended - (self._ended if self._waiting else began)
        self._ended, self._waiting = ended, waiting
        if tokens:
            seen = min(self._spent / tokens, _OUTLIER * self._seconds)
            self._seconds += _SMOOTHING * (seen - self._seconds)
            self._spent = 0.0
