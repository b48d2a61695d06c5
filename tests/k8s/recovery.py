"""Killed pods, and how synchronous requests recover from it."""

import math
from itertools import pairwise
from typing import Final

from tests.k8s import cluster
from tests.k8s.run import require
from tests.k8s.traffic import Answer, Traffic, p99

WELL: Final = 2 * 28
"""Requests in a row, two seconds' worth, that make the service well again."""
_LONGEST: Final = 2.5
"""Most seconds that a request may take, answered or refused."""


def kill(pod: str) -> None:
    """Kill a pod without a grace period."""
    cluster.kubectl("delete", "pod", pod, "--grace-period=0", "--force", "--wait=false")


def failures(traffic: Traffic, moment: float) -> list[str]:
    """Return the last failures since a moment, with time and kind."""
    failed = [answer for answer in traffic.after(moment) if not answer.ok]
    return [f"{a.began - moment:.1f} s: {a.status} after {a.seconds:.1f} s, {str(a.body)[:90]}" for a in failed[-30:]]


def well_since(traffic: Traffic, moment: float) -> float | None:
    """Return when the run of good answers that lasts until now has begun, if it is long enough."""
    answers = sorted(traffic.after(moment), key=_began)
    good: list[Answer] = []
    for answer in reversed(answers):
        if not answer.ok:
            break
        good.append(answer)
    return good[-1].began if len(good) >= WELL and p99(good) < 1.8 else None


def longest_gap(traffic: Traffic) -> float:
    """Return the longest time in which no miss was answered, in seconds, by the moments at which they were due."""
    answered = sorted(answer.began for answer in traffic.answers if answer.ok and not answer.hit)
    return max((after - before for before, after in pairwise(answered)), default=math.inf)


def require_prompt(traffic: Traffic) -> None:
    """Fail if a request took long, answered or not.

    Raises:
        SentimentError: one did.
    """
    slow = [answer.seconds for answer in traffic.answers if answer.seconds > _LONGEST]
    require(not slow, f"{len(slow)} requests took longer than {_LONGEST} s, up to {max(slow, default=0):.1f} s")


def _began(answer: Answer) -> float:
    return answer.began
