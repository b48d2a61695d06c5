"""The Compose profile `observability`: its Prometheus and Grafana read the chart's files, where they are mounted."""

import fnmatch
import subprocess
from typing import Any

import yaml

from tests.charts.tools import ROOT
from tests.monitoring.prometheus import binary
from tests.monitoring.queries import DASHBOARDS, RULES

COMPOSE = ROOT / "deploy" / "compose"
CONFIG = COMPOSE / "prometheus.yml"


def _mounts(service: str) -> dict[str, str]:
    """Return the files of the repository that a service mounts, by their place in the container."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    binds = [volume.split(":") for volume in document["services"][service]["volumes"] if volume.startswith("./")]
    assert all(mode == "ro" for _, _, mode in binds)
    return {target: source for source, target, _ in binds}


def test_prometheus_understands_its_configuration() -> None:
    command = [binary("promtool"), "check", "config", "--syntax-only", str(CONFIG)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_prometheus_reads_the_rules_of_the_chart() -> None:
    mounts = _mounts("prometheus")
    assert (ROOT / mounts["/etc/prometheus/prometheus.yml"]).resolve() == CONFIG
    (pattern,) = yaml.safe_load(CONFIG.read_text())["rule_files"]
    seen = {f"{target}/{path.name}" for target, source in mounts.items() for path in (ROOT / source).glob("*.yaml")}
    assert len(fnmatch.filter(seen, pattern)) == len(RULES)


def test_grafana_reads_the_dashboards_of_the_chart_and_knows_prometheus() -> None:
    mounts = _mounts("grafana")
    (provider,) = yaml.safe_load((COMPOSE / "grafana" / "dashboards" / "provider.yml").read_text())["providers"]
    assert (ROOT / mounts[provider["options"]["path"]]).resolve() == DASHBOARDS[0].parent
    for part in ("dashboards", "datasources"):
        assert (ROOT / mounts[f"/etc/grafana/provisioning/{part}"]).resolve() == COMPOSE / "grafana" / part
    (source,) = yaml.safe_load((COMPOSE / "grafana" / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert (source["type"], source["isDefault"]) == ("prometheus", True)
