"""The release before and this one, together on one broker and one cache: API and worker either way round.

``release-0.1.0.zip`` holds the packages api, shared and worker of that release, without the page and the launcher.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from tests.support.asking import expected
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

RELEASE = Path(__file__).parent / "release-0.1.0.zip"
JOBS = "/project/jobs"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the release before, unpacked."""
    folder = tmp_path_factory.mktemp("release")
    with ZipFile(RELEASE) as release:
        release.extractall(folder)
    return folder


@pytest.fixture(params=["api", "worker"])
def mixed(request: pytest.FixtureRequest, tmp_path: Path, before: Path) -> Iterator[Service]:
    """Run one side from the release before, the other from this one."""
    service = Service(tmp_path)
    service.code[request.param] = before
    yield service
    service.stop()


def submit(api: Api, texts: list[str]) -> str:
    response = api.client.post(JOBS, json={"text": texts})
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    job: str = response.json()["id"]
    return job


def ended(api: Api, job: str) -> dict[str, Any]:
    """Return a job's document once it has ended."""
    wait_for(lambda: api.client.get(f"{JOBS}/{job}").json()["completed_at"], "the job to end")
    document: dict[str, Any] = api.client.get(f"{JOBS}/{job}").json()
    return document


def results(api: Api, job: str) -> list[Any]:
    predictions: list[Any] = api.client.get(f"{JOBS}/{job}/results?limit=10000").json()["predictions"]
    return predictions


def test_requests_are_answered_and_each_text_is_computed_once(mixed: Service) -> None:
    mixed.start_worker()
    api = mixed.start_api(page="false")
    texts = [f"text {number}" for number in range(40)]
    for _ in range(2):
        assert api.predict(*texts).json() == {"predictions": [expected(text) for text in texts]}
    assert {mixed.count(text) for text in texts} == {1}
    # This release keeps no answer that has no facts; the other one's worker has it in its own part of the cache.
    hit = api.predict(*texts).headers["cache-status"] == "sentiment; hit"
    assert hit == ("worker" not in mixed.code)
    assert api.healthy()


def test_a_text_that_fails_fails_alone(mixed: Service) -> None:
    mixed.start_worker()
    api = mixed.start_api(page="false")
    assert (
        api.client.post("/project/predict", json={"text": "raise-error"}).status_code
        == httpx.codes.INTERNAL_SERVER_ERROR
    )
    fine, failed = api.predict("fine", "raise-error").json()["predictions"]
    assert fine == expected("fine")
    assert failed["error"]["code"] == "inference-failed"


def test_a_job_runs_to_its_end(mixed: Service) -> None:
    mixed.start_worker()
    api = mixed.start_api(page="false")
    texts = [f"job text {number}" for number in range(300)] + ["raise-error in a job"]
    job = submit(api, texts)
    document = ended(api, job)
    assert document["progress"] == {"done": len(texts), "total": len(texts)}
    assert results(api, job)[:-1] == [expected(text) for text in texts[:-1]]
    assert results(api, job)[-1]["error"]["code"] == "inference-failed"


def test_facts_of_an_earlier_workers_answers_are_unknown(tmp_path: Path, before: Path) -> None:
    service = Service(tmp_path)
    service.code["worker"] = before
    nothing = {"tokens": None, "truncated": None, "unknown_share": None}
    try:
        service.start_worker()
        api = service.start_api(page="false")
        told = api.client.post("/project/predict?details=1", json={"text": "unheard-of"})
        assert told.json() == {"prediction": expected("unheard-of"), "details": nothing}
        assert not [name for name in told.headers if name.startswith("text-")]
        job = submit(api, ["unheard-of", "raise-error"])
        ended(api, job)
        page = api.client.get(f"{JOBS}/{job}/results?details=1&top_k=1").json()
        assert page["predictions"][0] == expected("unheard-of")[:1]
        assert page["details"] == [nothing, None]
    finally:
        service.stop()


def test_both_releases_share_work_and_no_answers(tmp_path: Path, before: Path) -> None:
    """Two APIs and two workers, one of each release: each answers what either API is asked for."""
    service = Service(tmp_path)
    try:
        service.start_worker(worker_processes="1")
        new = service.start_api(page="false")
        service.code |= {"api": before, "worker": before}
        service.start_worker(worker_processes="1")
        old = service.start_api(page="false")
        service.hold("asked twice")
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(api.predict, "asked twice") for api in (new, old)]
            wait_for(lambda: service.count("asked twice") == len(asked), "the text to be computed for each")
            service.release("asked twice")
            answers = [future.result().json() for future in asked]
        assert answers == [{"predictions": [expected("asked twice")]}] * 2
        for number in range(100):
            text = f"asked of both {number}"
            assert [api.predict(text).json()["predictions"] for api in (new, old, new)] == [[expected(text)]] * 3
        texts = [f"shared job {number}" for number in range(300)]
        for submitted, read in ((new, old), (old, new)):
            job = submit(submitted, texts)
            assert ended(read, job)["status"] == "succeeded"
            assert results(read, job) == [expected(text) for text in texts]
    finally:
        service.stop()


def test_a_killed_worker_of_one_release_is_made_up_for_by_the_other(tmp_path: Path, before: Path) -> None:
    service = Service(tmp_path)
    try:
        api = service.start_api(page="false")
        service.code["worker"] = before
        old = service.start_worker(worker_processes="1")
        service.hold()
        job = submit(api, [f"lost and found {number}" for number in range(60)])
        wait_for(service.calls, "the old worker to begin")
        del service.code["worker"]
        service.start_worker(worker_processes="1")
        old.kill()
        service.release()
        assert ended(api, job)["status"] == "succeeded"
        assert results(api, job) == [expected(f"lost and found {number}") for number in range(60)]
    finally:
        service.stop()
