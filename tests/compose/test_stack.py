"""The composed stack as a user gets it: answers, hardening, ports, faults under load, scaling and the stop."""

import asyncio
import io
import os
import re
import signal
import time
from typing import Any

import httpx
import pytest

from shared.stack.demo import Demo
from shared.stack.layout import Layout
from tests.compose.conftest import Composed
from tests.compose.docker import docker
from tests.support.scrape import total
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

OURS = ("api", "worker", "flower", "lab-api", "lab-worker")
EVERY = (*OURS, "broker", "cache")
TEXTS = 1_500
"""Of a job: some ten seconds of work for two workers, so that a kill meets it at work."""


def _submit(api: str, name: str) -> Any:
    texts = [f"Job {name}, sentence {number}: a fine film." for number in range(TEXTS)]
    response = httpx.post(f"{api}/project/jobs", json={"text": texts}, timeout=10)
    assert response.status_code == 202, response.text
    return response.json()


def _ended(api: str, job: Any) -> Any:
    def poll() -> Any:
        try:
            document = httpx.get(api + job["urls"]["self"], timeout=10).json()
        except httpx.TransportError:
            return None
        return document if document.get("status") in {"succeeded", "failed", "canceled"} else None

    return wait_for(poll, "the job to end", 180)


def _require_complete(api: str, job: Any) -> None:
    document = _ended(api, job)
    assert (document["status"], document["progress"]["done"]) == ("succeeded", TEXTS)
    results = httpx.get(api + job["urls"]["results"], headers={"Accept": "application/x-ndjson"}, timeout=30)
    assert len(results.text.splitlines()) == TEXTS


def test_every_case_of_the_demo_is_answered_rightly(composed: Composed) -> None:
    output = io.StringIO()
    demo = Demo(output)
    asyncio.run(demo.show(Layout((), composed.api, composed.flower, "", "")))
    assert demo.exit_code == 0, output.getvalue()


def test_the_page_and_what_it_is_made_of_are_in_the_image(composed: Composed) -> None:
    page = httpx.get(composed.api, timeout=10)
    script = re.search(r'<script type="module" src="([^"]+)"', page.text)
    assert script
    assert httpx.get(f"{composed.api}/{script[1]}", timeout=10).headers["content-type"].startswith("text/javascript")
    stats = httpx.get(f"{composed.api}/project/stats", timeout=10).json()
    assert stats["flower"] == composed.flower


def test_a_job_runs_to_its_end(composed: Composed) -> None:
    _require_complete(composed.api, _submit(composed.api, "plain"))


def test_the_lab_has_a_path_and_queues_of_its_own(composed: Composed) -> None:
    answer = httpx.post(f"{composed.lab}/lab/predict", json={"text": "Lovely."}, timeout=10)
    assert answer.json()["prediction"][0]["label"] == "POSITIVE"
    assert httpx.post(f"{composed.lab}/project/predict", json={"text": "Lovely."}, timeout=10).status_code == 404
    assert total(composed.lab, "sentiment_workers", lane="interactive") == 1


def test_flower_shows_the_workers_to_who_knows_the_password(composed: Composed) -> None:
    assert httpx.get(f"{composed.flower}/workers", timeout=10).status_code == 401
    page = httpx.get(f"{composed.flower}/workers?json=1", auth=("admin", "desk-only"), timeout=30)
    assert page.is_success


@pytest.mark.parametrize("service", EVERY)
def test_a_container_is_nobody_and_cannot_write(composed: Composed, service: str) -> None:
    containers = composed.compose.containers(service)
    assert len(containers) == (2 if service == "worker" else 1)
    for container in containers:
        assert container["HostConfig"]["ReadonlyRootfs"]
        assert container["HostConfig"]["CapDrop"] == ["ALL"]
        assert container["HostConfig"]["Memory"] > 0
        assert container["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
        assert container["State"]["Health"]["Status"] == "healthy"
        assert docker("exec", container["Id"], "id", "-u").stdout.strip() == "10001"
        assert docker("exec", container["Id"], "touch", "/file", check=False).returncode


def test_nothing_listens_but_on_this_machine(composed: Composed) -> None:
    ports = {
        (binding["HostIp"], binding["HostPort"])
        for container in composed.compose.containers()
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or []
    }
    settings = composed.compose.settings
    assert ports == {("127.0.0.1", settings[name]) for name in ("API_PORT", "LAB_PORT", "FLOWER_PORT")}


def test_a_worker_tells_prometheus(composed: Composed) -> None:
    code = "from urllib.request import urlopen; print(urlopen('http://worker:9100/metrics').read().decode())"
    assert "sentiment_worker_model_info{" in composed.compose("exec", "-T", "api", "python", "-c", code)


def test_a_third_worker_joins(composed: Composed) -> None:
    composed.compose("up", "--detach", "--no-recreate", "--scale", "worker=3")
    wait_for(lambda: total(composed.api, "sentiment_workers", lane="bulk") == 3, "a third worker", 60)
    composed.compose("up", "--detach", "--no-recreate", "--scale", "worker=2")
    wait_for(lambda: total(composed.api, "sentiment_workers", lane="bulk") == 2, "it to leave", 60)


def test_a_killed_worker_loses_no_job(composed: Composed) -> None:
    jobs = [_submit(composed.api, f"killed worker {number}") for number in range(2)]
    victim = composed.compose.containers("worker")[0]["Id"]
    wait_for(lambda: _running(composed.api, jobs[0]), "work to begin")
    docker("kill", "--signal", "KILL", victim)
    assert not any(_state(composed.api, job)["status"] == "succeeded" for job in jobs)
    for job in jobs:
        _require_complete(composed.api, job)
    docker("start", victim)


def test_a_worker_that_dies_by_itself_is_started_again(composed: Composed) -> None:
    victim = composed.compose.containers("worker")[0]
    # Of the host, because a container's first process cannot be killed from inside, and docker kill is a wish to stop.
    os.kill(victim["State"]["Pid"], signal.SIGKILL)

    def restarted() -> bool:
        (now,) = composed.compose.inspect([victim["Id"]])
        return bool(now["RestartCount"] > victim["RestartCount"] and now["State"]["Health"]["Status"] == "healthy")

    wait_for(restarted, "the worker to be back", 60)


def test_a_killed_broker_loses_no_job(composed: Composed) -> None:
    jobs = [_submit(composed.api, f"killed broker {number}") for number in range(2)]
    wait_for(lambda: _running(composed.api, jobs[0]), "work to begin")
    wait_for(lambda: "aof_buffer_length:0" in _persistence(composed), "what was accepted to be in the log's file")
    (broker,) = composed.compose.containers("broker")
    assert not any(_state(composed.api, job)["status"] == "succeeded" for job in jobs)
    docker("kill", "--signal", "KILL", broker["Id"])
    docker("start", broker["Id"])
    for job in jobs:
        _require_complete(composed.api, job)
    wait_for(lambda: httpx.get(f"{composed.api}/health", timeout=5).is_success, "the path to be healthy", 60)


def test_the_stop_is_clean_and_quick(composed: Composed) -> None:
    began = time.monotonic()
    composed.compose("stop")
    seconds = time.monotonic() - began
    print(f"\nstopped in {seconds:.1f} s")
    codes = {service: [c["State"]["ExitCode"] for c in composed.compose.ended(service)] for service in EVERY}
    assert all(not any(found) for found in codes.values()), codes
    assert seconds < 15


def _persistence(composed: Composed) -> list[str]:
    return composed.compose("exec", "-T", "broker", "redis-cli", "info", "persistence").split()


def _state(api: str, job: Any) -> Any:
    return httpx.get(api + job["urls"]["self"], timeout=10).json()


def _running(api: str, job: Any) -> bool:
    return bool(_state(api, job)["progress"]["done"])
