"""The metrics of an API process and of a worker, on real Redis."""

import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from shared.contract.tokens import Cost
from shared.process import metrics
from shared.stack.ports import free_port
from tests.support.jobs import finished, submit
from tests.support.models import write_model
from tests.support.process import Process
from tests.support.scrape import scrape, total
from tests.support.service import Api, Service
from tests.support.waiting import wait_for
from worker.engines.manifest import load_manifest

REQUESTS = "sentiment_http_requests_total"
TEXTS = "sentiment_worker_texts_total"


class Watched(NamedTuple):
    service: Service
    api: Api
    worker: Process
    worker_url: str
    state: Path


@pytest.fixture
def watched(service: Service) -> Watched:
    port, state = free_port(), service.folder / "state"
    worker = service.start_worker(worker_metrics_port=str(port), state_dir=str(state))
    return Watched(service, service.start_api(), worker, f"http://127.0.0.1:{port}", state)


def _names(url: str) -> set[str]:
    """Return the families' names, as `shared.process.metrics` has them."""
    return {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in scrape(url) if name.startswith("sentiment_")}


def test_hits_and_misses_are_counted_apart(watched: Watched) -> None:
    url = watched.api.url
    for _ in range(3):
        assert watched.api.client.post("/project/predict", json={"text": "a"}).is_success
    assert watched.api.predict("a", "b").is_success
    assert watched.api.predict("a", "b").is_success
    assert total(url, REQUESTS, route="/project/predict", status="200", cache="miss") == 1
    assert total(url, REQUESTS, route="/project/predict", status="200", cache="hit") == 2
    assert total(url, REQUESTS, route="/project/bulk-predict", cache="miss") == 1
    assert total(url, REQUESTS, route="/project/bulk-predict", cache="hit") == 1
    assert total(url, "sentiment_http_request_duration_seconds_count", cache="hit") == 3
    assert total(url, "sentiment_cache_lookups_total", outcome="missed") == 2
    assert total(url, "sentiment_claims_total", outcome="claimed") == 2
    # A message is counted after its answers have left.
    wait_for(
        lambda: total(watched.worker_url, TEXTS, lane="interactive", outcome="computed") == 2, "the worker's count"
    )
    assert total(watched.worker_url, "sentiment_worker_batch_texts_sum", lane="interactive") == 2
    assert 1 <= total(watched.worker_url, "sentiment_worker_inference_seconds_count") <= 2, "texts share passes"


def test_a_second_process_finds_in_redis_what_the_first_has_asked_for(watched: Watched) -> None:
    assert watched.api.predict("a").is_success
    second = watched.service.start_api()
    wait_for(lambda: second.predict("a").headers.get("cache-status") == "sentiment; hit", "a hit from Redis")
    assert total(second.url, "sentiment_cache_lookups_total", outcome="found") == 1


def test_those_who_wait_for_the_same_text_coalesce(watched: Watched) -> None:
    watched.service.hold()
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(watched.api.predict, "the same") for _ in range(3)]
        wait_for(lambda: total(watched.api.url, "sentiment_http_requests_open") >= 3, "three to wait")
        assert total(watched.api.url, "sentiment_texts_in_flight") == 1
        wait_for(lambda: total(watched.api.url, "sentiment_backlog_items", lane="interactive") == 1, "the claim")
        assert total(watched.api.url, "sentiment_backlog_tokens", lane="interactive") > 0
        oldest = "sentiment_queue_oldest_seconds"
        # The age is known to the millisecond.
        wait_for(lambda: total(watched.api.url, oldest, lane="interactive") > 0, "an age")
        watched.service.release()
        assert all(response.result().is_success for response in asked)
    assert total(watched.api.url, "sentiment_claims_total", outcome="coalesced") == 2
    assert total(watched.api.url, "sentiment_texts_in_flight") == 0


def test_refusals_are_counted_by_their_code(watched: Watched) -> None:
    watched.service.hold()
    assert watched.api.predict("never in time").status_code == 504
    watched.service.release()
    assert watched.api.client.post("/project/predict", json={}).status_code == 422
    assert watched.api.client.get("/no/such/path").status_code == 404
    assert total(watched.api.url, "sentiment_problems_total", code="deadline-exceeded") == 1
    assert total(watched.api.url, "sentiment_problems_total", code="invalid-request") == 1
    assert total(watched.api.url, REQUESTS, route="none", status="404", cache="none") == 1


def test_jobs_and_failures_are_counted(watched: Watched) -> None:
    response = submit(watched.api, ["one", "two", "raise-error here"])
    finished(watched.api, response.json())
    assert total(watched.worker_url, TEXTS, lane="bulk", outcome="computed") == 3
    assert total(watched.worker_url, "sentiment_worker_inference_failures_total") == 1
    assert total(watched.worker_url, "sentiment_worker_tokens_total", lane="bulk") > 0
    assert total(watched.api.url, "sentiment_jobs_open") == 0


def test_texts_that_run_alone_are_counted_too(watched: Watched) -> None:
    texts = ["one", "two unheard-of", "kill-worker"]
    one_chunk = watched.service.start_api(chunk_seconds="60")
    finished(one_chunk, submit(one_chunk, texts).json())
    # A pass that ends its process is not counted; then each text runs alone, and the third one until it is given up.
    assert total(watched.worker_url, TEXTS, lane="bulk", outcome="computed") == 2
    assert total(watched.worker_url, TEXTS, lane="bulk", outcome="given up") == 1
    assert total(watched.worker_url, "sentiment_worker_tokens_total", lane="bulk") == sum(
        map(Cost().estimate, texts[:2])
    )
    assert total(watched.worker_url, "sentiment_worker_unknown_tokens_total", lane="bulk") == 1


def test_facts_of_two_versions_are_counted_apart(watched: Watched) -> None:
    port, topics = free_port(), write_model(watched.service.folder / "topics", 2, ("sports", "arts", "other"))
    state = str(watched.service.folder / "other-state")
    watched.service.start_worker(model_dir=str(topics), worker_metrics_port=str(port), state_dir=state)
    assert watched.api.predict(*(f"unheard-of {number}" for number in range(20))).is_success
    folders = {watched.worker_url: watched.service.model_dir, f"http://127.0.0.1:{port}": topics}
    versions = {url: load_manifest(folder).version for url, folder in folders.items()}
    counted = "sentiment_worker_unknown_tokens_total"
    wait_for(lambda: sum(total(url, counted) for url in versions) == 20, "the workers' counts")
    assert all(total(url, counted) == total(url, counted, version=version) for url, version in versions.items())


def test_everything_that_is_exposed_is_listed(watched: Watched) -> None:
    finished(watched.api, submit(watched.api, ["one"]).json())
    watched.api.predict("a")
    listed = {metric.name for metric in metrics.API}
    assert _names(watched.api.url) <= listed
    assert {name for name in listed if not name.endswith("_total")} <= _names(watched.api.url)
    assert _names(watched.worker_url) == {metric.name for metric in metrics.WORKER}
    assert total(watched.api.url, "process_resident_memory_bytes") > 0


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=abc", "*/*;q=x", "a" * 4000])
def test_nonsense_in_accept_gets_the_plain_format(watched: Watched, accept: str) -> None:
    response = watched.api.client.get("/metrics", headers={"Accept": accept})
    assert response.status_code == 200
    assert b"sentiment_up" in response.content
    assert (
        "application/openmetrics-text"
        in watched.api.client.get(
            "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
        ).headers["content-type"]
    )


def test_a_client_that_leaves_before_its_body_has_arrived_is_no_failure_of_ours(watched: Watched) -> None:
    address = urlsplit(watched.api.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        head = (
            "POST /project/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
        )
        connection.sendall(head.encode() + b'{"text"')
        wait_for(lambda: total(watched.api.url, "sentiment_http_requests_open") == 2, "the request to be open")
    wait_for(lambda: total(watched.api.url, REQUESTS, route="/project/predict", status="0") == 1, "it to be counted")
    assert total(watched.api.url, REQUESTS, status="500") == 0
    assert "Traceback" not in watched.api.process.output


def test_what_nobody_waits_for_any_longer_is_no_backlog(watched: Watched) -> None:
    watched.service.hold()
    assert watched.api.predict("left behind").status_code == 504
    watched.worker.kill()
    names = ("sentiment_backlog_items", "sentiment_backlog_tokens", "sentiment_queue_oldest_seconds")

    def fallen() -> bool:
        return not any(total(watched.api.url, name, lane="interactive") for name in names)

    wait_for(fallen, "the backlog to fall")


def test_an_empty_batch_is_neither_hit_nor_miss(watched: Watched) -> None:
    assert watched.api.predict().is_success
    assert total(watched.api.url, REQUESTS, route="/project/bulk-predict", cache="none") == 1


def test_without_the_broker_the_work_is_left_out(watched: Watched) -> None:
    watched.service.broker.stop()
    wait_for(lambda: total(watched.api.url, "sentiment_up", part="broker") == 0, "the loss to be seen")
    wait_for(lambda: "sentiment_backlog_tokens" not in scrape(watched.api.url), "the work to be left out")
    assert "sentiment_workers" not in scrape(watched.api.url)
    assert total(watched.api.url, "sentiment_up", part="cache") == 1


def test_counts_survive_the_death_of_a_model_process(watched: Watched) -> None:
    texts = [f"text {number}" for number in range(20)]
    assert watched.api.predict(*texts).is_success
    wait_for(lambda: total(watched.worker_url, TEXTS, outcome="computed") == 20, "all to be counted")
    before = watched.service.loads()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(watched.service.loads()) >= len(before) + 2, "new processes")
    assert total(watched.worker_url, TEXTS, outcome="computed") == 20


def test_the_health_check_knows_whether_the_worker_lives(watched: Watched) -> None:
    check = [sys.executable, "-m", "worker.health"]
    environment = os.environ | {"SENTIMENT_STATE_DIR": str(watched.state)}
    wait_for(lambda: subprocess.run(check, env=environment, check=False).returncode == 0, "the worker to be well")


def test_a_port_that_is_taken_is_said_at_the_start(watched: Watched) -> None:
    port = watched.worker_url.rpartition(":")[2]
    own = watched.service.folder / "another"
    second = watched.service.start_worker_early(worker_metrics_port=port, state_dir=str(own))
    assert second.wait() == 2
    assert f"no metrics can be served at port {port}" in second.output


def test_a_folder_that_is_taken_is_said_at_the_start_and_left_as_it_is(watched: Watched) -> None:
    watched.api.predict("a")
    wait_for(lambda: total(watched.worker_url, TEXTS, outcome="computed") == 1, "the worker's count")
    second = watched.service.start_worker_early(worker_metrics_port=str(free_port()), state_dir=str(watched.state))
    assert second.wait() == 2
    assert "cannot be this worker's own folder" in second.output
    assert total(watched.worker_url, TEXTS, outcome="computed") == 1
