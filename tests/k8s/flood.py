"""Many jobs at once: KEDA takes the bulk lane from nothing to several pods, and back."""

import time
from typing import Any, Final

from tests.k8s import service, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import constant, p99
from tests.k8s.truth import Truth

_JOBS: Final = 12
_TEXTS: Final = 1_000


def flood(run: Run, name: str) -> None:
    """Submit the jobs beside constant traffic, and require that the lane grows and goes, and all is answered.

    Raises:
        SentimentError: it does not.
    """
    until(lambda: not watch.pods("bulk"), "bulk to be at 0", 5 * MINUTES)
    with constant(name) as traffic:
        began = time.monotonic()
        jobs = [service.submit(f"{name}, job {number}", _TEXTS) for number in range(_JOBS)]
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
