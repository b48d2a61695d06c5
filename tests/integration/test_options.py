"""``top_k`` and ``details`` on every route with answers, and the headers of an answer to one text."""

import asyncio
import json
from typing import Any

import pytest

from shared.broker.keys import text_key
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.models import write_model
from tests.support.service import Api, Service
from tests.support.waiting import wait_for
from tests.support.wire import ask_each, question

PREDICT, BULK = "/project/predict", "/project/bulk-predict"
LABELS = ("joy", '},{"label":"x', "an\u0303o", "a,b", "\U0001f44d")
KNOWN, STRANGE, LONG = "three known words", "unheard-of and three more", "word " * 600
TEXTS = [KNOWN, STRANGE, "raise-error", LONG, ""]
DETAILS = [
    {"tokens": 5, "truncated": False, "unknown_share": 0.0},
    {"tokens": 6, "truncated": False, "unknown_share": 0.25},
    None,
    {"tokens": 514, "truncated": True, "unknown_share": 0.0},
    {"tokens": 2, "truncated": False, "unknown_share": 0.0},
]


@pytest.fixture(scope="module")
def api(shared_service: Service) -> Api:
    """Provide an API process before a model with five labels."""
    folder = write_model(shared_service.folder / "feelings", 2, LABELS)
    shared_service.start_worker(model_dir=str(folder))
    return shared_service.start_api()


def answer(text: str) -> Any:
    return expected(text, "feelings", LABELS)


def answers(most: int = len(LABELS)) -> list[Any]:
    failed = {"error": {"code": "inference-failed", "detail": "The model could not process this text."}}
    return [failed if "raise" in text else answer(text)[:most] for text in TEXTS]


def test_an_answer_is_cut_and_told_of_on_a_miss_and_on_a_hit(api: Api) -> None:
    for _ in ("miss", "hit"):
        assert api.client.post(f"{PREDICT}?top_k=2", json={"text": KNOWN}).json() == {"prediction": answer(KNOWN)[:2]}
        told = api.client.post(f"{PREDICT}?details=1&top_k=1", json={"text": KNOWN}).json()
        assert told == {"prediction": answer(KNOWN)[:1], "details": DETAILS[0]}
        many = api.client.post(f"{BULK}?details=1&top_k=3", json={"text": TEXTS}).json()
        assert many == {"predictions": answers(3), "details": DETAILS}
        assert api.client.post(f"{BULK}?top_k=100&details=0", json={"text": TEXTS}).json() == {"predictions": answers()}
    assert api.client.post(f"{BULK}?details=1", json={"text": []}).json() == {"predictions": [], "details": []}
    whole = api.client.post(PREDICT, json={"text": KNOWN})
    assert (whole.json(), whole.headers["cache-status"]) == ({"prediction": answer(KNOWN)}, "sentiment; hit")


@pytest.mark.parametrize("path", [PREDICT, BULK, "/project/jobs/x/results"])
@pytest.mark.parametrize(
    "query", ["top_k=0", "top_k=-1", "top_k=two", "top_k=1e3", "details=2", "details=yes", "top_k="]
)
def test_a_wrong_option_is_refused(api: Api, path: str, query: str) -> None:
    method = "GET" if "jobs" in path else "POST"
    response = api.client.request(method, f"{path}?{query}", json={"text": KNOWN} if method == "POST" else None)
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == f"query.{query.partition('=')[0]}"


def test_results_of_jobs_take_the_same_options(api: Api) -> None:
    job = submit(api, TEXTS).json()
    finished(api, job)
    results = job["urls"]["results"]
    assert api.client.get(results).json()["predictions"] == answers()
    assert "details" not in api.client.get(results).json()
    page = api.client.get(results, params={"top_k": 2, "details": 1}).json()
    assert (page["predictions"], page["details"]) == (answers(2), DETAILS)
    seen, path = [], f"{results}?top_k=1&details=1&limit=2"
    while path:
        page = api.client.get(path).json()
        seen += [*zip(page["predictions"], page["details"], strict=True)]
        path = page["next"]
    assert seen == [*zip(answers(1), DETAILS, strict=True)]

    def lines(query: str) -> list[Any]:
        response = api.client.get(f"{results}?{query}", headers={"Accept": "application/x-ndjson"})
        return [json.loads(line) for line in response.text.splitlines()]

    assert lines("top_k=2") == answers(2)
    assert lines("details=1") == [
        (told and {"prediction": prediction, "details": told}) or prediction
        for prediction, told in zip(answers(), DETAILS, strict=True)
    ]


def test_a_text_without_a_result_has_no_details(api: Api, shared_service: Service) -> None:
    shared_service.hold()
    job = submit(api, ["one that waits"]).json()
    results = api.client.get(job["urls"]["results"], params={"details": 1}).json()
    lines = api.client.get(f"{job['urls']['results']}?details=1", headers={"Accept": "application/x-ndjson"}).text
    shared_service.release()
    assert (results["predictions"], results["details"], lines) == ([None], [None], "null\n")
    finished(api, job)


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (KNOWN, {}),
        (STRANGE, {"text-unknown-share": "0.2500"}),
        (LONG, {"text-truncated": "true"}),
        ("unheard-of " * 600, {"text-truncated": "true", "text-unknown-share": "1.0000"}),
    ],
    ids=["known", "unknown", "long", "both"],
)
def test_headers_tell_of_doubt_either_way(api: Api, text: str, headers: dict[str, str]) -> None:
    def told(head: Any) -> dict[str, str]:
        return {name: value for name, value in head.items() if name.startswith("text-")}

    for query in ("", "?top_k=1", "?details=1"):
        response = api.client.post(f"{PREDICT}{query}", json={"text": text})
        assert response.status_code == 200
        assert told(response.headers) == headers
    assert not told(api.predict(text).headers), "a batch has details"
    (reply,) = asyncio.run(ask_each(api.url, [question({"text": text})]))
    assert reply.hit
    lines = dict(line.split(": ", 1) for line in reply.head.decode().splitlines()[1:] if line)
    assert told(lines) == headers


def test_bytes_of_another_form_in_the_cache_are_a_miss(api: Api, shared_service: Service) -> None:
    forms = {"a body alone": b'[{"label":"joy","score":1.0}]', "a later form": b"\x03" + bytes(40) + b"[]", "none": b""}
    assert api.predict(*forms).is_success
    other = shared_service.start_api()
    version = shared_service.active_version()
    with shared_service.cache.client() as cache, shared_service.broker.client() as broker:
        for text, data in forms.items():
            key = text_key(version, text)
            wait_for(lambda text=text: shared_service.stored(text), "the answer to be stored")  # type: ignore[misc]
            cache.set(shared_service.keys.answer(key), data, ex=60)
            broker.delete(shared_service.keys.claim(key))  # it keeps the result for some seconds
    assert other.predict(*forms).json() == {"predictions": [answer(text) for text in forms]}
    assert [shared_service.count(text) for text in forms] == [2, 2, 2]
