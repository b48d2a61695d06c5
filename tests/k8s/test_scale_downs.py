"""Workers are taken away while they work."""

from functools import partial

import pytest

from tests.k8s import service, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import constant
from tests.k8s.truth import Truth
from tests.support.rows import row

_TIMES = 10
_TEXTS = 2_000


@row(
    3,
    f"{_TIMES} scale-downs of both lanes while tasks run",
    "every accepted job succeeds, each text answered once; no synchronous request is lost or wrong",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_scale_downs(run: Run) -> None:
    jobs, at_work = [], 0
    with constant("scale-downs", misses=15) as traffic:
        for number in range(_TIMES):
            _scale(2)
            job = service.submit(f"third row, job {number}", _TEXTS)
            jobs.append(job)
            before = until(partial(service.done, [job]), "the job to be at work", 2 * MINUTES)
            _scale(1)
            at_work += before < _TEXTS
            run.say(f"scaled down, {number + 1} of {_TIMES}, at {before} of {_TEXTS} texts")
        truth = Truth()
        for job in jobs:
            truth.require_job(job)
    for lane in watch.LANES:
        watch.let_go(lane)
    require(at_work == _TIMES, f"only {at_work} of {_TIMES} came while a job was at work")
    traffic.require_all()
    traffic.require_right(truth)
    run.note(f"{_TIMES} jobs of {_TEXTS:,} texts complete, each text once and right")
    run.note(f"meanwhile {traffic.describe()}")


def _scale(count: int) -> None:
    for lane in watch.LANES:
        watch.hold(lane, count)
    for lane in watch.LANES:
        watch.settle(lane, count)
