"""From nothing to the first answer, and an upgrade."""

import asyncio
import io
import time

import pytest

from shared.stack.demo import Demo
from shared.stack.layout import Layout
from tests.k8s import cluster, service, watch
from tests.k8s.cluster import RELEASE
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.truth import Truth
from tests.support.rows import row


@row(
    1,
    "install with dev values; the demo's cases, the lab beside it, a job, helm test, an upgrade",
    "all of them right; the upgrade moves no number that an autoscaler has set",
    core=False,
)
@pytest.mark.usefixtures("images")
def test_install(run: Run) -> None:
    began = time.monotonic()
    cluster.install(run.say)
    until(lambda: service.answers(service.API, "/project"), "the first answer", 5 * MINUTES)
    run.note(f"first answer after {time.monotonic() - began:.0f} s")
    demo = Demo(io.StringIO())
    asyncio.run(demo.show(Layout((), service.API, "", "", "")))
    require(not demo.exit_code, f"the demo's cases: {demo.wrong}")
    until(lambda: service.answers(service.LAB, "/lab"), "the lab's answer", 5 * MINUTES)
    until(watch.scaling_ready, "KEDA to read every queue", MINUTES)
    Truth().require_job(service.submit("one job", 200))
    cluster.helm("test", RELEASE)
    run.note("every case of the demo, the lab, a job and helm test right")
    _upgrade(run)


def _upgrade(run: Run) -> None:
    watch.hold("interactive", 2)
    watch.settle("interactive", 2)
    cluster.helm("upgrade", *cluster.values(**{"serviceDefaults.api.settings.cache_ttl": "86400"}))
    for name in ("project", "lab"):
        cluster.kubectl("rollout", "status", f"deployment/{RELEASE}-{name}-api", "--timeout=300s")
    require(watch.replicas("interactive") == 2, "the upgrade has moved the number of replicas")
    watch.let_go("interactive")
    run.note("an upgrade with two replicas, where one is the least, left two")
