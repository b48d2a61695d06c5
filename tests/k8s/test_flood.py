"""Many jobs at once: the bulk lane comes from nothing, and goes back to it."""

import json
import time
from datetime import datetime
from typing import Any

import pytest

from load.capacity.inputs.flags import MEASURED
from load.capacity.inputs.model import Costs
from load.capacity.simulate.flood import Course, Flood, predict
from tests.k8s import service, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import constant, p99
from tests.k8s.truth import Truth
from tests.support.rows import row

_JOBS = 12
_TEXTS = 1_000
_MOST = 2


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
        expected = _expected()
        truth = Truth()
        for job in jobs:
            truth.require_job(job)
        until(lambda: not watch.pods("bulk"), "the last pod to be gone", 5 * MINUTES)
        gone = time.monotonic() - began
    _compare(run, Course(asked, first, done, gone, most), expected)
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


def _expected() -> Course:
    """Ask the planner, with what the pods say of themselves: how fast they started, and how fast they computed."""
    pods = watch.pods("bulk")
    samples = [watch.scrape(pod, 9100) for pod in pods]
    seconds, passes, texts, messages = (
        sum(sample[f"sentiment_worker_{name}"] for sample in samples)
        for name in ("inference_seconds_sum", "inference_seconds_count", "batch_texts_sum", "batch_texts_count")
    )
    rate = passes / seconds
    return predict(
        Flood(
            jobs=_JOBS,
            texts=_TEXTS,
            texts_per_second=rate,
            most_per_second=_MOST * rate,
            chunk_texts=texts / messages,
            max_replicas=_MOST,
            pod_start_seconds=max(_start_seconds(pod) for pod in pods),
            cold_start_seconds=_measured().cold_start_seconds,
        )
    )


def _start_seconds(pod: dict[str, Any]) -> float:
    """Return the seconds from a pod's creation until its worker ran, its init container included."""
    started = pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
    created = pod["metadata"]["creationTimestamp"]
    return (datetime.fromisoformat(started) - datetime.fromisoformat(created)).total_seconds()


def _compare(run: Run, seen: Course, expected: Course) -> None:
    run.note(f"first pod asked for after {seen.asked:.1f} s (the planner says {expected.asked:.1f})")
    run.note(f"its first result after {seen.first_result:.1f} s ({expected.first_result:.1f})")
    pods = f"by up to {seen.replicas} pods ({expected.replicas})"
    run.note(f"{_JOBS * _TEXTS:,} texts after {seen.done:.0f} s ({expected.done:.0f}) {pods}")
    later, expected_later = seen.gone - seen.done, expected.gone - expected.done
    run.note(f"the last pod gone {later:.0f} s later ({expected_later:.0f})")


def _measured() -> Costs:
    return Costs.model_validate(json.loads(MEASURED.read_text("utf-8"))["costs"])
