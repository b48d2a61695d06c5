"""The environment of a pod from the value `settings`, and the settings that may stand there."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.process.settings import Settings
from tests.charts.tools import CHART, render

# What the chart says itself, or what is a secret.
_OWN = {
    *("api_host", "api_port", "namespace", "path_prefix", "drain", "state_dir"),
    *("worker_lanes", "worker_metrics_port", "worker_processes", "flower_host", "flower_port", "flower_user"),
    *("api_keys", "broker_url", "cache_url", "redis_ca_file", "flower_password", "job_secret"),
}


def test_every_setting_but_the_charts_own_may_be_given() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    assert set(schema["$defs"]["settings"]["propertyNames"]["enum"]) == set(Settings.model_fields) - _OWN


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        ("settings: {max_body_bytes: 10485760}", "MAX_BODY_BYTES", "10485760"),
        ("settings: {deadline: 1.25}", "DEADLINE", "1.25"),
        ("{settings: {protect_health: true}, services: {project: *off}}", "PROTECT_HEALTH", "false"),
        ("{settings: {rate_limit: 5}, serviceDefaults: {api: {settings: {rate_limit: 0}}}}", "RATE_LIMIT", "0"),
        ("serviceDefaults: {api: {drainSeconds: 0}}", "DRAIN", "0"),
    ],
)
def test_a_pod_gets_what_is_said_last_and_reads_it(tmp_path: Path, values: str, name: str, value: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(values.replace("*off", "{api: {settings: {protect_health: false}}}"), "utf-8")
    deployments = (d for d in render("--values", str(file)) if d["kind"] == "Deployment")
    (api,) = (d for d in deployments if d["metadata"]["name"].endswith("-api"))
    (container,) = api["spec"]["template"]["spec"]["containers"]
    environment: list[dict[str, Any]] = container["env"]
    assert [entry["value"] for entry in environment if entry["name"] == f"SENTIMENT_{name}"] == [value]
    Settings.model_validate({name.lower(): value})
