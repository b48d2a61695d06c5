"""Many jobs at once: the bulk lane comes from nothing, and goes back to it."""

import time
from typing import Any

import pytest

from tests.k8s import service, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import constant, p99
from tests.k8s.truth import Truth
from tests.support.rows import row

_JOBS = 12
_TEXTS = 1_000


@row(
    2,
    "a flood of jobs: bulk 0 → n → 0",
    "bulk wakes, grows and goes; synchronous requests meanwhile are all answered, 99 % within 1.8 s",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_flood(run: Run) -> None:
    until(lambda: not watch.pods("bulk"), "bulk to be at 0", 5 * MINUTES)
    with constant("flood") as traffic:
        began = time.monotonic()
        jobs = [service.submit(f"second row, job {number}", _TEXTS) for number in range(_JOBS)]
        until(lambda: watch.pods("bulk"), "a pod to be asked for", 2 * MINUTES)
        asked = time.monotonic() - began
        until(lambda: service.done(jobs), "the first result", 5 * MINUTES)
        first = time.monotonic() - began
        most = _most_pods_until_done(jobs)
        done = time.monotonic() - began
        truth = Truth()
        for job in jobs:
            truth.require_job(job)
        until(lambda: not watch.pods("bulk"), "the last pod to be gone", 5 * MINUTES)
        gone = time.monotonic() - began
    run.note(f"first pod asked for after {asked:.1f} s, its first result after {first:.1f} s")
    run.note(
        f"{_JOBS * _TEXTS:,} texts after {done:.0f} s by up to {most} pods; the last gone {gone - done:.0f} s later"
    )
    traffic.require_all()
    traffic.require_right(truth)
    run.note(f"meanwhile {traffic.describe()}")
    require(most > 1, "the lane never grew beyond one pod")
    require(p99(traffic.answers) < 1.8, "the interactive lane has broken its promise")
    for event in watch.events("ScaledObject", watch.deployment("bulk")):
        run.say(event)
    for event in watch.events("HorizontalPodAutoscaler", f"keda-hpa-{watch.deployment('bulk')}"):
        run.say(event)


def _most_pods_until_done(jobs: list[Any]) -> int:
    seen = [0]

    def finished() -> bool:
        seen.append(watch.replicas("bulk"))
        return service.done(jobs) == _JOBS * _TEXTS

    until(finished, "the jobs to end", 10 * MINUTES)
    return max(seen)
