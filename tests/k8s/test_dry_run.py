"""Row 8: production's objects, checked by a real API server."""

import subprocess

import pytest

from tests.charts.tools import CHART, ROOT, tool
from tests.k8s.cluster import NAMESPACE
from tests.k8s.run import Run, require
from tests.support.rows import row

_GATEWAY = (
    "--set",
    "istio.enabled=false,gatewayApi.enabled=true,gatewayApi.gateway.className=theirs,gatewayApi.gateway.tlsSecret=tls",
    "--set",
    "services.candidate.pathPrefix=/project,gatewayApi.weights.project.candidate=10",
)
_ALL = (
    "--set",
    "monitoring.podMonitors.enabled=true,monitoring.rules.enabled=true,monitoring.dashboards.enabled=true",
    "--set",
    "services.lab.pathPrefix=/lab",
)


@row(
    8,
    "production values with every option: server-side dry run",
    "the API server and KEDA's webhook accept every object without a warning",
    core=False,
)
@pytest.mark.usefixtures("namespace")
def test_dry_run(run: Run) -> None:
    objects = sum(_accepted(*ways) for ways in ((), _GATEWAY))
    run.note(f"{objects} objects accepted, no warning: with Istio, and with the Gateway API")


def _accepted(*ways: str) -> int:
    """Return the number of objects of a rendering that the API server accepts."""
    values = ["--values", str(CHART / "values-prod.yaml"), *_ALL, *ways]
    command = [tool("helm"), "template", "production", str(CHART), "--namespace", NAMESPACE, "--no-hooks", *values]
    rendered = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    require(not rendered.returncode, rendered.stderr)
    command = [
        tool("kubectl"),
        "create",
        "--dry-run=server",
        "--validate=strict",
        "--namespace",
        NAMESPACE,
        "--filename",
        "-",
    ]
    done = subprocess.run(command, input=rendered.stdout, capture_output=True, text=True, timeout=120, check=False)
    require(not done.returncode, done.stderr[-1500:])
    require(not done.stderr.strip(), f"warnings: {done.stderr[-1500:]}")
    return len(done.stdout.splitlines())
