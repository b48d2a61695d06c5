"""Traces from the request to each inference or chunk, sent to a real collector; their ids in logs and problems."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.collector import Span, collector
from tests.support.jobs import finished, submit
from tests.support.scrape import total
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def traced(service: Service) -> Iterator[tuple[Service, Api, list[Span]]]:
    with collector() as (address, spans):
        service.start_worker(otlp_endpoint=address)
        service.environment["SENTIMENT_OTLP_ENDPOINT"] = address
        yield service, service.start_api(), spans


Traced = tuple[Service, Api, list[Span]]


def _wait(spans: list[Span], name: str, count: int = 1) -> list[Span]:
    def found() -> list[Span]:
        return [span for span in spans if span.name == name]

    wait_for(lambda: len(found()) >= count, f"{count} spans {name}")
    return found()


def test_an_inference_belongs_to_the_request_and_that_to_its_caller(traced: Traced) -> None:
    _, api, spans = traced
    assert api.predict("one", "two", traceparent=f"00-{TRACE}-{PARENT}-01").is_success
    (request,) = _wait(spans, "POST /project/bulk-predict")
    inferences = _wait(spans, "inference", 2)
    assert (request.service, request.trace, request.parent) == ("sentiment-api", TRACE, PARENT)
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["sentiment.misses"] == 2
    assert {(span.service, span.trace, span.parent) for span in inferences} == {("sentiment-worker", TRACE, request.id)}
    assert all(span.attributes["tokens"] > 0 for span in inferences)


def test_a_job_is_traced_from_its_submission_to_its_last_chunk(service: Service) -> None:
    with collector() as (address, spans):
        service.start_worker(otlp_endpoint=address, log_level="DEBUG")
        api = service.start_api(otlp_endpoint=address, chunk_seconds="0.001")
        texts = [f"text {number} of a job" for number in range(100)]
        job = submit(api, texts, traceparent=f"00-{TRACE}-{PARENT}-01").json()
        assert finished(api, job)["status"] == "succeeded"
        (submission,) = _wait(spans, "POST /project/jobs")
        _wait_for_texts(spans, len(texts))
    chunks = [span for span in spans if span.name == "chunk"]
    assert len(chunks) > 1
    assert sorted(span.attributes["chunk"] for span in chunks) == list(range(len(chunks)))
    assert {(span.service, span.trace, span.parent) for span in chunks} == {("sentiment-worker", TRACE, submission.id)}
    assert {span.attributes["job"] for span in chunks} == {job["id"]}
    lines = [line for line in _lines(service, "worker") if line["message"] == "chunk done"]
    assert {(line["trace_id"], line["span_id"]) for line in lines} == {(TRACE, span.id) for span in chunks}


def _wait_for_texts(spans: list[Span], count: int) -> None:
    wait_for(lambda: sum(s.attributes["texts"] for s in spans if s.name == "chunk") == count, "the spans of all chunks")


def test_a_request_that_shares_an_inference_has_a_link_to_it(traced: Traced) -> None:
    service, first, spans = traced
    second = service.start_api()
    service.hold()
    with ThreadPoolExecutor() as pool:
        began = pool.submit(first.predict, "shared", traceparent=f"00-{TRACE}-{PARENT}-01")
        wait_for(service.calls, "the inference to begin")
        waiting = [pool.submit(api.predict, "shared") for api in (first, second)]
        for url in (first.url, second.url):
            wait_for(partial(total, url, "sentiment_claims_total", outcome="coalesced"), "a shared flight")
        service.release()
        assert all(answer.result().is_success for answer in [began, *waiting])
    (inference,) = _wait(spans, "inference")
    requests = _wait(spans, "POST /project/bulk-predict", 3)
    assert {span.trace == TRACE: span.links for span in requests} == {True: [], False: [(TRACE, inference.id)]}
    assert len({span.trace for span in requests}) == 3


def test_lines_of_the_log_and_problems_lead_to_the_trace(traced: Traced) -> None:
    service, api, spans = traced
    refused = api.client.post("/project/predict", json={}, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    assert refused.json()["trace_id"] == TRACE
    failed = api.client.post("/project/predict", json={"text": "raise-error"})
    own = failed.json()["trace_id"]
    inference = next(span for span in _wait(spans, "inference") if span.trace == own)
    requests = {span.trace: span.id for span in _wait(spans, "POST /project/predict", 2)}
    lines = [line for line in _lines(service, "api") if line["message"] == "request"]
    assert {line["trace_id"]: line["span_id"] for line in lines} == requests
    (line,) = [line for line in _lines(service, "worker") if line["message"] == "inference failed"]
    assert (line["trace_id"], line["span_id"]) == (own, inference.id)


def test_without_traces_logs_and_problems_have_no_ids(service: Service) -> None:
    service.start_worker(log_level="DEBUG")
    api = service.start_api(log_level="DEBUG")
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    assert "trace_id" not in api.client.post("/project/predict", json={}, headers=headers).json()
    assert api.predict("one", **headers).is_success
    finished(api, submit(api, ["two"], **headers).json())
    assert not [line for part in ("api", "worker") for line in _lines(service, part) if "trace_id" in line]


def _lines(service: Service, part: str) -> list[dict[str, Any]]:
    """Return the log lines of all processes of a part."""
    logs = "".join(path.read_text() for path in service.folder.glob(f"{part}-*.log"))
    return [json.loads(line) for line in logs.splitlines() if line.startswith("{")]


def test_hits_are_traced_too_and_no_text_is_told(traced: Traced) -> None:
    _, api, spans = traced
    for _ in range(2):
        assert api.client.post("/project/predict", json={"text": "a very private sentence"}).is_success
    requests = _wait(spans, "POST /project/predict", 2)
    _wait(spans, "inference")
    assert sorted(span.attributes["sentiment.misses"] for span in requests) == [0, 1]
    assert len({span.trace for span in requests}) == 2
    assert "private" not in repr(spans)


def test_a_caller_that_is_not_sampled_is_left_out(traced: Traced) -> None:
    _, api, spans = traced
    assert api.predict("unsampled", traceparent=f"00-{TRACE}-{PARENT}-00").is_success
    assert api.predict("sampled").is_success
    _wait(spans, "inference")
    assert not [span for span in spans if span.trace == TRACE]


def test_a_worker_without_tracing_reads_what_a_tracing_api_sends(service: Service) -> None:
    service.start_worker()
    with collector() as (address, spans):
        api = service.start_api(otlp_endpoint=address)
        assert api.predict("one").is_success
        _wait(spans, "POST /project/bulk-predict")


def test_a_collector_that_is_away_costs_no_answer(service: Service) -> None:
    service.start_worker(otlp_endpoint="http://127.0.0.1:9")
    api = service.start_api(otlp_endpoint="http://127.0.0.1:9")
    assert api.predict("one").is_success
    assert api.process.terminate() == 0


def test_a_collector_that_never_answers_does_not_hold_up_the_stop(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        worker = service.start_worker(otlp_endpoint=address)
        api = service.start_api(otlp_endpoint=address)
        assert api.predict("one").is_success
        assert api.process.terminate() == 0
        assert worker.terminate() == 0


_HIDE = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name == "opentelemetry.exporter":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hide())
"""


@pytest.mark.parametrize("module", [["api"], ["worker", "run"]])
def test_traces_without_the_extra_are_refused_at_the_start(module: list[str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HIDE)
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "SENTIMENT_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert "the extra for it is not installed" in done.stderr


def test_no_exporter_is_imported_when_it_is_off() -> None:
    script = (
        "import sys, api.main, api.services, worker.process;"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry.exporter')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
