"""Row 10: the cluster's series that dashboards and alerts query."""

import pytest

from tests.charts.tools import tool
from tests.k8s import cluster, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.series import hold
from tests.support.rows import row


@row(
    10,
    "the cluster's own series that dashboards and alerts ask for, held against KEDA's operator and the kubelet",
    "each is told, with the labels that are asked for, by a source that is on the cluster",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_told(run: Run) -> None:
    until(watch.scaling_ready, "KEDA to read every queue", MINUTES)
    held = hold(lambda path: cluster.run(tool("kubectl"), "get", "--raw", path, seconds=60))
    require(not held.missing, f"not told: {held.missing}")
    run.note(f"{len(held.found)} series are told")
    if held.unproven:
        names = ", ".join(series.partition("{")[0] for series in held.unproven)
        run.note(f"{len(held.unproven)} have no source on this cluster: {names}")
