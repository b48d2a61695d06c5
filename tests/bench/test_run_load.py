"""The whole command, on the product as a user gets it and on a running service."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Service

pytestmark = pytest.mark.usefixtures("node")


def bench_load(out: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "load.bench.run_load", *arguments, "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (file,) = out.glob("*.json")
    assert file.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    result: dict[str, Any] = json.loads(file.read_text())
    return result


def check_headline(result: dict[str, Any]) -> None:
    assert result["requests"] > 0
    assert result["success"] == 1.0
    assert result["statuses"] == {"200": result["requests"]}
    assert result["seen"]["hits"] + result["seen"]["misses"] == result["requests"]
    assert result["seen"] == result["expected"]
    assert result["strayed"] == 0
    assert sum(row["all"]["requests"] for row in result["series"] if "all" in row) == result["requests"]
    assert result["latency"]["hits"]["p50"] <= result["latency"]["hits"]["max"] <= result["latency"]["all"]["max"]


@pytest.mark.usefixtures("wrk")
def test_the_stack_as_a_user_gets_it(tmp_path: Path) -> None:
    result = bench_load(tmp_path, "headline", "--seconds", "2", "--warm-up", "1", "--connections", "2")
    check_headline(result)
    parts = {"api", "worker", "model-1", "broker", "cache", "flower", "launcher", "generator"}
    assert parts <= result["parts"].keys()
    assert result["parts"]["api"]["cpu_seconds"] > 0
    assert result["parts"]["model-1"]["peak_rss_mb"] > result["parts"]["broker"]["peak_rss_mb"]
    assert result["settings"]["seed"] == 1
    assert result["hardware"]["cores"] >= 1
    assert result["versions"]["celery"]
    assert len(result["engines"]) == 1
    assert result["engines"][0].split()[0] in {"native", "onnx"}


def test_an_open_loop_against_a_running_service_beside_jobs(service: Service, tmp_path: Path) -> None:
    service.start_worker()
    base = f"{service.start_api().url}/project"
    options = (
        "--seconds",
        "2",
        "--warm-up",
        "0.5",
        "--rate",
        "20",
        "--poisson",
        "--latest-ms",
        "5000",
        "--target",
        base,
    )
    result = bench_load(tmp_path / "lanes", "lanes", *options)
    check_headline(result)
    assert result["parts"].keys() == {"generator"}
    assert len(result["engines"]) == 1
    assert 0 <= result["jobs"]["submitted"] - result["jobs"]["succeeded"] <= 10
    assert result["jobs"]["texts"] > 0
    assert result["jobs"]["failed"] == result["jobs"]["lost"] == 0
