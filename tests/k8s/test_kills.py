"""Row 5: pods are killed at random."""

import random
import time
from typing import Any

import pytest

from tests.k8s import cluster, service, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import Answer, Traffic, constant, p99
from tests.k8s.truth import Truth
from tests.support.rows import row

_PAUSE = 12.0
_PARTS = ("api", "interactive", "bulk", "broker", "cache")
_EACH = 3
_TEXTS = 1_000
_WELL = 2 * 28
"""Requests in a row, two seconds' worth, that make the service well again."""


@row(
    5,
    f"pods killed at random for three minutes: API, workers, broker, cache, {_EACH} times each",
    "every accepted job ends well; synchronous requests are well again within 10 s of the last kill; no hand is needed",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_kills(run: Run) -> None:
    chance = random.Random(5)
    order = list(_PARTS) * _EACH
    chance.shuffle(order)
    jobs: list[Any] = []
    with constant("kills") as traffic:
        for part in order:
            due = time.monotonic() + chance.uniform(0.5, 1.5) * _PAUSE
            jobs.append(service.submit(f"fifth row, job {len(jobs)}", _TEXTS))
            run.say(_kill(chance, part))
            _pause_until(due)
        last = time.monotonic()
        run.say(_kill(chance, "broker"))
        try:
            well = until(lambda: _well_since(traffic, last), "synchronous requests to be well again", 2 * MINUTES)
        finally:
            run.say(f"since the last kill: {_failures(traffic, last)}")
        truth = Truth()
        for job in jobs:
            truth.require_job(job)
    traffic.require_right(truth)
    refused = sorted({answer.status for answer in traffic.failed})
    run.note(f"{len(jobs)} jobs of {_TEXTS:,} texts accepted meanwhile, all complete and right")
    run.note(f"well again {well - last:.1f} s after the last kill, the broker's")
    run.note(f"meanwhile {traffic.describe()}; what failed got {refused} (0: no connection)")
    slow = [answer for answer in traffic.answers if answer.seconds > 2.5]
    require(
        not slow,
        f"{len(slow)} requests took longer than 2.5 s, up to {max((a.seconds for a in slow), default=0):.1f} s",
    )
    require(well - last < 10, f"synchronous requests were well again only after {well - last:.1f} s")


def _pause_until(due: float) -> None:
    until(lambda: time.monotonic() > due, "the time", 5 * MINUTES)


def _kill(chance: random.Random, part: str) -> str:
    """Kill one of a part's pods without a grace period; return its name."""
    alive = until(lambda: watch.pods(part), f"a pod of {part} to kill", MINUTES)
    name = chance.choice(sorted(pod["metadata"]["name"] for pod in alive))
    cluster.kubectl("delete", "pod", name, "--grace-period=0", "--force", "--wait=false")
    return f"killed {name}"


def _failures(traffic: Traffic, moment: float) -> list[str]:
    """Return the failures since a moment, with time and kind."""
    failed = [answer for answer in traffic.after(moment) if not answer.ok]
    return [f"{a.began - moment:.1f} s: {a.status} after {a.seconds:.1f} s, {str(a.body)[:90]}" for a in failed[-30:]]


def _well_since(traffic: Traffic, moment: float) -> float | None:
    """Return when the run of good answers that lasts until now has begun, if it is long enough."""
    answers = sorted(traffic.after(moment), key=_began)
    good: list[Answer] = []
    for answer in reversed(answers):
        if not answer.ok:
            break
        good.append(answer)
    return good[-1].began if len(good) >= _WELL and p99(good) < 1.8 else None


def _began(answer: Answer) -> float:
    return answer.began
