"""Jobs as a client sees them, on real parts."""

import json
import signal
from typing import Any

import httpx
import pytest

from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

URN = "urn:sentiment:problem:"


def test_a_job_from_submission_to_results(api: Api) -> None:
    texts = [f"job text {i}" for i in range(300)]
    accepted = submit(api, texts)
    assert accepted.status_code == 202
    job = accepted.json()
    assert accepted.headers["location"] == job["urls"]["self"] == f"/project/jobs/{job['id']}"
    assert int(accepted.headers["retry-after"]) >= 1
    assert (job["status"], job["progress"]) == ("queued", {"done": 0, "total": 300})
    assert job["created_at"]
    assert (job["started_at"], job["completed_at"], job["expires_at"]) == (None, None, None)
    done = finished(api, job)
    assert (done["status"], done["progress"]) == ("succeeded", {"done": 300, "total": 300})
    assert done["created_at"] <= done["started_at"] <= done["completed_at"] < done["expires_at"]
    page = api.client.get(job["urls"]["results"]).json()
    assert page["predictions"] == [expected(text) for text in texts]
    assert (page["id"], page["status"], page["offset"], page["next"]) == (job["id"], "succeeded", 0, None)


def test_results_come_in_pages_and_as_ndjson(api: Api) -> None:
    texts = [f"page text {i}" for i in range(25)]
    job = submit(api, texts).json()
    finished(api, job)
    seen: list[Any] = []
    url = f"{job['urls']['results']}?limit=10"
    while url:
        page = api.client.get(url).json()
        assert page["offset"] == len(seen)
        seen += page["predictions"]
        url = page["next"]
    assert seen == [expected(text) for text in texts]
    response = api.client.get(
        job["urls"]["results"], params={"offset": 5, "limit": 3}, headers={"Accept": "application/x-ndjson"}
    )
    assert response.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in response.text.splitlines()] == seen[5:8]
    assert api.client.get(job["urls"]["results"], params={"offset": 99}).json()["predictions"] == []
    both = {"Accept": "application/json, application/x-ndjson"}
    assert api.client.get(job["urls"]["results"], headers=both).json()["predictions"] == seen


@pytest.mark.parametrize("query", ["offset=-1", "offset=x", "limit=0", "limit=1.5", "offset=99999999999", "offset=²"])
def test_bad_pages(api: Api, query: str) -> None:
    job = submit(api, ["one"]).json()
    response = api.client.get(f"{job['urls']['results']}?{query}")
    assert (response.status_code, response.json()["type"]) == (422, f"{URN}invalid-request")


def test_an_empty_job_is_done_at_once(api: Api) -> None:
    job = submit(api, []).json()
    assert (job["status"], job["progress"]) == ("succeeded", {"done": 0, "total": 0})
    assert api.client.get(job["urls"]["results"]).json()["predictions"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": None}, 422),
        ({"texts": ["a"]}, 422),
        ({"text": "a"}, 422),
        ({"text": ["a"] * 10_001}, 422),
        ({"text": ["x" * 10_001]}, 422),
        ({"text": ["x" * 9_000] * 1_900}, 413),
    ],
)
def test_what_is_no_job(api: Api, body: Any, status: int) -> None:
    response = api.client.post("/project/jobs", json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_equal_and_cached_texts_cost_one_inference(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api()
    assert api.predict("known before").status_code == 200
    job = submit(api, ["known before", "twice", "twice", "other"] * 50).json()
    finished(api, job)
    assert [service.count(text) for text in ("known before", "twice", "other")] == [1, 1, 1]
    answer = api.predict("other")
    assert answer.headers["cache-status"] == "sentiment; hit"


def test_chunk_after_chunk_on_every_redis(any_service: Service) -> None:
    """A worker that looks ahead in the interactive lane must come back from there."""
    any_service.start_worker(worker_processes="1")
    api = any_service.start_api(chunk_seconds="0.000001")
    job = submit(api, [f"chunk {i}" for i in range(100)]).json()
    assert finished(api, job)["progress"] == {"done": 100, "total": 100}


def test_waiting_for_progress_and_for_the_end(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api(chunk_seconds="0.000001")
    service.hold()
    job = submit(api, [f"slow {i}" for i in range(3)]).json()
    begun = wait_for(lambda: api.client.get(job["urls"]["self"]).json()["started_at"], "the job to begin")
    assert begun
    still = api.client.get(job["urls"]["self"], params={"wait": 1})
    assert still.json()["progress"]["done"] == 0
    assert int(still.headers["retry-after"]) >= 1
    service.release()
    moved = api.client.get(job["urls"]["self"], params={"wait": 30}).json()
    assert moved["progress"]["done"] > 0
    assert finished(api, job)["status"] == "succeeded"


def test_a_canceled_job_stops_and_stays_readable(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api(chunk_seconds="0.000001")
    service.hold()
    texts = [f"cancel {i}" for i in range(200)]
    job = submit(api, texts).json()
    wait_for(service.calls, "the first inference to begin")
    canceled = api.client.delete(job["urls"]["cancel"])
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    assert canceled.json()["expires_at"]
    service.release()
    later = submit(api, ["after the canceled one"]).json()
    assert finished(api, later)["status"] == "succeeded"
    assert len(service.calls()) == 2, "nothing of the canceled job was begun after it"
    assert api.client.get(job["urls"]["self"]).json()["status"] == "canceled"
    assert api.client.get(job["urls"]["results"]).json()["predictions"] == [None] * 200
    assert api.client.delete(job["urls"]["cancel"]).status_code == 200, "canceled stays canceled"
    ended = api.client.delete(later["urls"]["cancel"])
    assert (ended.status_code, ended.json()["type"]) == (409, f"{URN}job-ended")
    with service.broker.client() as broker:
        assert broker.get(service.keys.job_bytes) == b"0"


def test_idempotency(api: Api) -> None:
    key = {"Idempotency-Key": "order-66"}
    first = submit(api, ["a", "b"], **key)
    finished(api, first.json())
    again = submit(api, ["a", "b"], **key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other = submit(api, ["a", "c"], **key)
    assert (other.status_code, other.json()["type"]) == (422, f"{URN}idempotency-conflict")
    assert submit(api, ["a"], **{"Idempotency-Key": "x" * 300}).status_code == 422
    assert submit(api, ["a", "b"]).json()["id"] != first.json()["id"]


def test_unknown_and_expired_jobs_are_told_apart(service: Service) -> None:
    service.start_worker(job_ttl="1")
    api = service.start_api(job_ttl="1")
    job = submit(api, ["soon gone"]).json()
    assert finished(api, job)["status"] == "succeeded"
    gone = wait_for(lambda: _if_status(api.client.get(job["urls"]["self"]), 410), "the job to expire")
    assert gone.json()["type"] == f"{URN}job-expired"
    assert gone.json()["job_status"] == "expired"
    for url in (job["urls"]["results"], f"{job['urls']['self']}?wait=5"):
        assert api.client.get(url).status_code == 410
    for name in ("nonsense", "a" * 32, job["id"][:-1] + ("a" if job["id"][-1] != "a" else "b"), job["id"].upper()):
        response = api.client.get(f"/project/jobs/{name}")
        assert (response.status_code, response.json()["type"]) == (404, f"{URN}job-unknown")
    assert api.client.delete("/project/jobs/nonsense").status_code == 404
    refused = api.client.put(job["urls"]["self"])
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, HEAD")


def _if_status(response: httpx.Response, status: int) -> httpx.Response | None:
    return response if response.status_code == status else None


def test_errors_stand_in_their_texts_places(api: Api) -> None:
    mixed = submit(api, ["fine", "raise-error here", "fine too"]).json()
    done = finished(api, mixed)
    assert (done["status"], done["progress"]) == ("succeeded", {"done": 3, "total": 3})
    good, bad, also = api.client.get(mixed["urls"]["results"]).json()["predictions"]
    assert (good, also) == (expected("fine"), expected("fine too"))
    assert bad["error"]["code"] == "inference-failed"
    assert "raise-error" not in json.dumps(bad)
    hopeless = submit(api, ["raise-error a", "raise-error b"]).json()
    assert finished(api, hopeless)["status"] == "failed"


def test_what_waits_is_bounded(service: Service) -> None:
    api = service.start_api(max_waiting_job_bytes="10000")
    assert submit(api, ["x" * 5000]).status_code == 202
    refused = submit(api, ["x" * 5000])
    assert (refused.status_code, refused.json()["type"]) == (503, f"{URN}jobs-full")
    assert int(refused.headers["retry-after"]) >= 1
    service.start_worker()
    wait_for(lambda: submit(api, ["x" * 5000]).status_code == 202, "room to be made")


def test_a_job_is_accepted_without_workers_and_seen_by_every_api_process(service: Service) -> None:
    first, second = service.start_api(), service.start_api()
    texts = [f"patient {i}" for i in range(20)]
    job = submit(first, texts).json()
    assert second.client.get(job["urls"]["self"]).json()["status"] == "queued"
    service.start_worker()
    assert finished(second, job)["status"] == "succeeded"
    assert second.client.get(job["urls"]["results"]).json()["predictions"] == [expected(text) for text in texts]


def test_lanes_may_have_workers_of_their_own(service: Service) -> None:
    api = service.start_api()
    service.start_worker(worker_lanes="bulk")
    job = submit(api, ["for the bulk worker"]).json()
    assert finished(api, job)["status"] == "succeeded"
    assert api.predict("nobody serves me").status_code == 503
    service.start_worker(worker_lanes="interactive")
    wait_for(lambda: api.predict("somebody does").status_code == 200, "the worker to be known")


def test_a_stopping_process_lets_nobody_wait(service: Service) -> None:
    api = service.start_api(drain="30")
    job = submit(api, ["never run"]).json()
    api.process.signal(signal.SIGTERM)
    wait_for(lambda: api.client.get("/readyz").status_code == 503, "the process to drain")
    assert api.client.get(job["urls"]["self"], params={"wait": 30}).json()["status"] == "queued"
