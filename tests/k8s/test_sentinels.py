"""Rows 11 to 14: a broker whose Sentinels choose another primary when its pod goes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest

from tests.k8s import broker, cluster, recovery, service, watch
from tests.k8s.flood import flood
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import Traffic, constant, prime
from tests.k8s.truth import Truth
from tests.support.rows import row

_AGAIN: Final = 10.0
"""Most seconds until misses are answered again."""
_APIS: Final = tuple(f"deployment/{cluster.RELEASE}-{name}-api" for name in cluster.PORTS)
_TIMES: Final = 5
_TEXTS: Final = 2_000


@row(
    11,
    "a release from one broker pod to three, as docs/how-to/failover.md tells, while jobs are at work",
    "hits are answered throughout; every accepted job is complete, each text once; KEDA counts again",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_from_one_pod_to_three(run: Run) -> None:
    # Worker pods of the upgrade wait for the broker on the room that its pods need.
    until(lambda: not watch.pods("lab-bulk"), "the lab's idle lane to leave room on the node", 3 * MINUTES)
    prime()
    with constant("eleventh row") as traffic:
        lost = _lose(run, "eleventh row", traffic, _from_one_to_three)
        run.note(f"synchronous requests well again after {lost.well:.0f} s")
        run.note(f"three pods and KEDA after {lost.settled:.0f} s")
        _require_complete(run, [lost], traffic)
    refused = sorted(f"{a.began:.1f} s: {a.status} {str(a.body)[:60]}" for a in traffic.failed if a.hit)
    require(not refused, f"{len(refused)} hits failed: {refused[:1]} … {refused[-1:]}")
    run.note(f"meanwhile {traffic.describe()}")


@row(
    12,
    f"the pod of the primary killed with force, {_TIMES} times, under misses and jobs",
    "misses answered again ≤ 10 s; every accepted job complete, each text once; KEDA counts again; no hand is needed",
    core=False,
)
@pytest.mark.usefixtures("sentinels")
def test_primaries_killed(run: Run) -> None:
    losses: list[_Loss] = []
    moved = 0
    with constant("twelfth row") as traffic:
        for number in range(_TIMES):
            before = broker.primary()
            losses.append(_lose(run, f"twelfth row, {number}", traffic, partial(recovery.kill, before)))
            moved += broker.primary() != before
        _require_complete(run, losses, traffic)
    recovery.require_prompt(traffic)
    waits = [loss.well for loss in losses]
    run.note(f"another primary {moved} times of {_TIMES}; well again after {_listed(waits)} s")
    run.note(f"meanwhile {traffic.describe()}")
    require(max(waits) <= _AGAIN, f"misses were answered again only after {max(waits):.1f} s")
    require(moved, "the primary's pod was always back before the Sentinels missed it")


@row(
    13,
    "all three broker pods deleted, one after the other, under misses and jobs",
    "misses are never unanswered for more than 10 s; every accepted job complete, each text once; KEDA counts again",
    core=False,
)
@pytest.mark.usefixtures("sentinels")
def test_pods_replaced_in_turn(run: Run) -> None:
    losses: list[_Loss] = []
    primaries = [broker.primary()]
    with constant("thirteenth row") as traffic:
        for pod in broker.PODS:
            delete = partial(cluster.kubectl, "delete", "pod", pod)
            losses.append(_lose(run, f"thirteenth row, {pod}", traffic, delete))
            primaries.append(broker.primary())
        _require_complete(run, losses, traffic)
    recovery.require_prompt(traffic)
    gap = recovery.longest_gap(traffic)
    run.note(f"primaries: {', '.join(primaries)}; misses unanswered for {gap:.1f} s at most")
    run.note(f"meanwhile {traffic.describe()}")
    require(gap <= _AGAIN, f"no miss was answered for {gap:.1f} s")


@row(
    14,
    "the pod of the primary killed, then a flood of jobs: bulk 0 → n → 0 by KEDA's scaler for Sentinels",
    "as row 2: bulk wakes, grows and goes; synchronous requests meanwhile are all answered, 99 % within 1.8 s",
    core=False,
)
@pytest.mark.usefixtures("sentinels")
def test_flood_after_a_failover(run: Run) -> None:
    before = broker.primary()
    recovery.kill(before)
    now = broker.moved(before)
    broker.settle()
    until(watch.scaling_ready, "KEDA to count again", MINUTES)
    run.note(f"{now} after {before}")
    flood(run, "fourteenth row")


@dataclass(frozen=True)
class _Loss:
    """Outcome of a loss of broker pods."""

    jobs: tuple[Any, ...]
    """One that was at work before, and one that was accepted meanwhile."""
    well: float
    """Seconds until synchronous requests were well again."""
    settled: float
    """Seconds until all pods were there and KEDA counted again."""


def _lose(run: Run, name: str, traffic: Traffic, lose: Callable[[], object]) -> _Loss:
    """Take pods of the broker away while a job is at work, and wait until all is as before."""
    job = _at_work(f"{name}, before")
    began = time.monotonic()
    lose()
    meanwhile = service.submit(f"{name}, meanwhile", _TEXTS)
    well = until(partial(recovery.well_since, traffic, began), "synchronous requests to be well", 5 * MINUTES) - began
    run.say(f"{name}: well after {well:.1f} s; {recovery.failures(traffic, began)[-1:]}")
    broker.settle()
    until(watch.scaling_ready, "KEDA to count again", 3 * MINUTES)
    return _Loss((job, meanwhile), well, time.monotonic() - began)


def _at_work(name: str) -> Any:
    """Submit a job, and return it when some of its texts are done."""
    job = service.submit(name, _TEXTS)
    before = until(lambda: service.done([job]), "the job to be at work", 3 * MINUTES)
    require(before < _TEXTS, f"{name} was done before anything else")
    return job


def _from_one_to_three() -> None:
    """Do the steps of docs/how-to/failover.md."""
    cluster.kubectl("rollout", "pause", *_APIS)
    cluster.kubectl("delete", "statefulset", broker.NAME, "--cascade=orphan")
    cluster.kubectl("delete", "pod", broker.PODS[0])
    cluster.helm("upgrade", *cluster.values(**broker.SENTINEL))
    cluster.kubectl("rollout", "status", f"statefulset/{broker.NAME}", "--timeout=300s")
    cluster.kubectl("rollout", "resume", *_APIS)


def _require_complete(run: Run, losses: list[_Loss], traffic: Traffic) -> None:
    truth = Truth()
    jobs = [job for loss in losses for job in loss.jobs]
    for job in jobs:
        truth.require_job(job)
    traffic.require_right(truth)
    run.note(f"{len(jobs)} jobs of {_TEXTS:,} texts accepted, all complete, each text once and right")


def _listed(seconds: list[float]) -> str:
    return ", ".join(f"{one:.1f}" for one in seconds)
