"""The broker refuses, then hangs, for KEDA and for the service alike."""

import time
from collections.abc import Callable

import pytest

from tests.k8s import cluster, service, watch
from tests.k8s.cluster import RELEASE
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import Traffic, constant, prime
from tests.k8s.truth import Truth
from tests.support.rows import row

_BROKER = f"statefulset/{RELEASE}-broker"
_OUTAGE = 90.0
"""Seconds: longer than the cooldown after which KEDA would take an idle lane to 0."""
_JOBS = 3
_TEXTS = 10_000
_MARGIN = 30.0
_HONEST = {200, 503, 504}


@row(
    6,
    f"the broker refuses connections for {_OUTAGE:.0f} s, then hangs as long, for KEDA and for the service",
    "replicas hold; hits are answered, misses refused with a reason within 2 s; then all is as before",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_outages(run: Run) -> None:
    prime()
    for lane in watch.LANES:
        watch.hold(lane, 2)
    for lane in watch.LANES:
        watch.settle(lane, 2)
    jobs = [service.submit(f"sixth row, job {number}", _TEXTS) for number in range(_JOBS)]
    for lane in watch.LANES:
        watch.let_go(lane)
    until(watch.scaling_ready, "KEDA to count again", MINUTES)
    _outage(run, "refused", _refuse, _accept)
    _outage(run, "hung", _hang, _go_on)
    truth = Truth()
    for job in jobs:
        truth.require_job(job)
    run.note(f"the {_JOBS} jobs of {_TEXTS:,} texts that were at work are complete")


def _outage(run: Run, kind: str, begin: Callable[[], None], end: Callable[[], None]) -> None:
    before = {lane: watch.replicas(lane) for lane in watch.LANES}
    begin()
    try:
        traffic = _watch_replicas(kind, before)
    finally:
        end()
    ended = time.monotonic()
    run.note(f"{kind}: {before} replicas held for {_OUTAGE:.0f} s; {traffic.describe()}")
    until(lambda: service.answers(service.API, "/project", f"after {ended}"), "a miss to be answered", MINUTES)
    run.note(f"a miss was answered {time.monotonic() - ended:.1f} s after the end")
    until(watch.scaling_ready, "KEDA to count again", 3 * MINUTES)
    run.note(f"KEDA counted again after {time.monotonic() - ended:.0f} s")


def _watch_replicas(kind: str, before: dict[str, int]) -> Traffic:
    """Ask for as long as the outage lasts; replicas must hold, and answers be honest."""
    with constant(f"while {kind}") as traffic:
        began = time.monotonic()
        while time.monotonic() - began < _OUTAGE:
            now = {lane: watch.replicas(lane) for lane in watch.LANES}
            require(now == before, f"{kind}: replicas went from {before} to {now}")
            require(watch.counted("bulk") is None, f"{kind}: KEDA still counts")
    _require_honest(traffic, kind)
    return traffic


def _require_honest(traffic: Traffic, kind: str) -> None:
    for answer in traffic.answers:
        require(answer.status in _HONEST, f"{kind}: {answer.status} {answer.body}")
        require(answer.ok or not answer.hit, f"{kind}: a hit was refused: {answer.status} {answer.body}")
        require(answer.seconds < 2.5, f"{kind}: an answer took {answer.seconds:.1f} s")
        require(answer.status != 503 or answer.retry_after, f"{kind}: a 503 without Retry-After")


def _refuse() -> None:
    cluster.kubectl("scale", _BROKER, "--replicas=0")
    until(lambda: not watch.pods("broker"), "the broker to be gone", MINUTES)


def _accept() -> None:
    cluster.kubectl("scale", _BROKER, "--replicas=1")
    watch.settle("broker", 1)


def _hang() -> None:
    """Make the broker take commands and answer none. The pause has an end, since CLIENT UNPAUSE would wait too."""
    watch.redis("broker", "CLIENT", "PAUSE", str(int((_OUTAGE + _MARGIN) * 1_000)), "ALL")


def _go_on() -> None:
    """Wait for the pause's end, also after a failure: the rows to come need a broker."""
    watch.redis("broker", "PING")
    watch.settle("broker", 1)
