"""Every refusal has the form and the status of its protocol, its reason, and Retry-After where it helps."""

import json
from typing import Any

import httpx
import pytest

from tests.integration.protocols.conftest import EVERY
from tests.support.service import Api, Service

SECRET = "a text that nobody may see"
INFER = "v2/models/sentiment/infer"


def tensor(*texts: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}]}


GOOD: dict[str, Any] = {
    "hf": {"inputs": SECRET},
    "tei/predict": {"inputs": SECRET},
    INFER: tensor(SECRET),
    "v1/models/sentiment:predict": {"instances": [SECRET]},
    "invocations": {"inputs": [SECRET]},
    "vllm/classify": {"input": SECRET},
    "infinity/classify": {"input": [SECRET]},
}
TEI = ("hf", "tei/predict")
NESTED = ("vllm/classify", "infinity/classify")


def reason(path: str, response: httpx.Response) -> str:
    """Return the reason of a refusal after a check of its form."""
    document = response.json()
    assert response.headers["content-type"] == "application/json"
    assert document["status"] == response.status_code
    assert document["type"].startswith("urn:sentiment:problem:")
    assert document["request_id"] == response.headers["x-request-id"]
    assert SECRET not in response.text
    if path in NESTED:
        assert document["error"]["code"] == response.status_code
        assert document["error"]["type"]
        return str(document["error"]["message"])
    if path in TEI:
        assert document["error_type"] in {"unhealthy", "backend", "overloaded", "validation", "tokenizer", "empty"}
    return str(document["error"])


def post(api: Api, path: str, body: Any, **headers: str) -> httpx.Response:
    return api.client.post(f"/project/{path}", json=body, headers=headers)


INVALID: list[tuple[str, Any, int, str]] = [
    ("hf", {"inputs": 3}, 422, "body.inputs: Input should be a string or a list"),
    ("hf", {"inputs": [SECRET, 3]}, 422, "body.inputs.texts.1: Input should be a valid string"),
    ("hf", {"inputs": SECRET, "parameters": {"top_k": 0}}, 422, "body.parameters.top_k"),
    ("hf", {"inputs": SECRET, "parameters": {"max_length": 9}}, 422, "body.parameters.max_length"),
    ("hf", {"inputs": SECRET, "truncation_direction": "Left"}, 422, "body.truncation_direction"),
    ("hf", {}, 422, "body.inputs"),
    ("tei/predict", {"inputs": [SECRET, SECRET]}, 422, '[["first text"], ["second text"]]'),
    ("tei/predict", {"inputs": [[SECRET, SECRET]]}, 422, "pair"),
    ("tei/predict", {"inputs": [[]]}, 422, "body.inputs.texts.0"),
    ("tei/predict", {"inputs": []}, 400, "`inputs` cannot be empty"),
    ("tei/predict", {"inputs": ""}, 400, "`inputs` cannot be empty"),
    ("tei/predict", {"inputs": [[""]]}, 400, "`inputs` cannot be empty"),
    ("v1/models/sentiment:predict", {}, 400, "Send instances or inputs"),
    ("v1/models/sentiment:predict", {"instances": [{"text": SECRET}]}, 400, "body.instances.0"),
    ("invocations", {"dataframe_split": {"data": [[SECRET]]}}, 400, "Send instances or inputs"),
    ("vllm/classify", {"input": None}, 400, "body.input: Input should be a string or a list"),
    ("vllm/classify", {"input": SECRET, "model": "another"}, 404, "Served here: sentiment"),
    ("infinity/classify", {"input": []}, 422, "body.input"),
    ("infinity/classify", {"input": [SECRET], "model": "another"}, 400, "Served here: sentiment"),
    (INFER, {"inputs": []}, 400, "body.inputs"),
    (INFER, tensor(3), 400, "body.inputs.0.data.0: Input should be a string or a list"),
    (INFER, {"inputs": [tensor(SECRET)["inputs"][0] | {"shape": [2]}]}, 400, "shape"),
    (INFER, {"inputs": [tensor(SECRET)["inputs"][0] | {"datatype": "FP32"}]}, 400, "datatype"),
    (INFER, {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES"}]}, 400, "Send data"),
    (INFER, tensor(SECRET) | {"outputs": [{"name": "nonsense"}]}, 400, "label, score, probabilities"),
    (
        INFER,
        tensor(SECRET) | {"outputs": [{"name": "label", "parameters": {"classification": 1}}]},
        400,
        "classification",
    ),
]


@pytest.mark.parametrize(("path", "body", "status", "words"), INVALID)
def test_an_invalid_request(spoken: Api, path: str, body: Any, status: int, words: str) -> None:
    response = post(spoken, path, body)
    assert response.status_code == status, response.text
    assert words in reason(path, response)


def test_infinity_lists_what_is_wrong_as_fastapi_does(spoken: Api) -> None:
    (reason,) = post(spoken, "infinity/classify", {"input": ["a", 1]}).json()["detail"]
    assert reason == {"type": "value_error", "loc": ["body", "input", 1], "msg": "Input should be a valid string"}


@pytest.mark.parametrize("path", GOOD)
def test_limits(spoken: Api, path: str) -> None:
    def many(count: int, text: str) -> Any:
        if path == INFER:
            return tensor(*[text] * count)
        if path == "tei/predict":
            return {"inputs": [[text]] * count}
        (name,) = GOOD[path]
        return {name: [text] * count}

    invalid = 422 if path in TEI or path == "infinity/classify" else 400
    for body in (many(129, "a"), many(1, "a" * 10_001)):
        response = post(spoken, path, body)
        assert response.status_code == invalid
        assert "at most" in reason(path, response)
    assert post(spoken, path, many(128, "a")).status_code == 200
    large = post(spoken, path, many(1, "a" * 2**20))
    assert (large.status_code, reason(path, large)) == (413, "Send fewer or shorter texts.")


@pytest.mark.parametrize("path", GOOD)
def test_bodies_that_are_not_json(spoken: Api, path: str) -> None:
    for content, kind, status in (("[" * 10_000, "application/json", {400, 422}), ("a=b", "text/plain", {415})):
        response = spoken.client.post(f"/project/{path}", content=content, headers={"Content-Type": kind})
        assert response.status_code in status
        assert reason(path, response)


@pytest.mark.parametrize("path", GOOD)
def test_a_text_that_fails_fails_its_request(spoken: Api, path: str) -> None:
    body = {"inputs": [["raise-error"]]} if path == "tei/predict" else {n: ["raise-error"] for n in GOOD[path]}
    response = post(spoken, path, tensor("fine", "raise-error") if path == INFER else body)
    assert response.status_code == (424 if path in TEI else 500)
    assert reason(path, response)


@pytest.mark.parametrize("path", TEI)
def test_a_text_that_is_too_long_where_that_is_forbidden(spoken: Api, path: str) -> None:
    text = "word " * 600
    assert post(spoken, path, {"inputs": text}).status_code == 200
    for _ in range(2):
        response = post(spoken, path, {"inputs": text, "truncate": False})
        assert response.status_code == 422
        assert "`inputs` must have at most 514 tokens. Given: 602" in reason(path, response)


@pytest.mark.parametrize("path", GOOD)
def test_a_late_answer(spoken: Api, service_of_all: Service, path: str) -> None:
    late = json.loads(json.dumps(GOOD[path]).replace(SECRET, f"late for {path}"))
    service_of_all.hold()
    try:
        response = post(spoken, path, late)
    finally:
        service_of_all.release()
    assert response.status_code == 504
    assert "not ready in time" in reason(path, response)


@pytest.mark.parametrize("path", [*GOOD, "v2/models/another/infer", "v1/models/another:predict", "hf/x", "tei", "v2/x"])
def test_a_wrong_path_or_method(spoken: Api, path: str) -> None:
    lost = spoken.client.post(f"/project/{path}/nothing", json={})
    assert lost.status_code == 404
    assert "Predictions are at POST /project/" in reason(path, lost)
    if path in GOOD:
        wrong = spoken.client.put(f"/project/{path}", json={})
        assert (wrong.status_code, reason(path, wrong)) == (405, f"Use {wrong.headers['allow']}.")


def test_other_paths_keep_problem_documents(spoken: Api) -> None:
    for path in ("/nowhere", "/project/v3", "/project/hfx", "/project/jobs/none"):
        response = spoken.client.get(path)
        assert response.headers["content-type"] == "application/problem+json"
        assert "error" not in response.json()


def test_a_missing_worker(service: Service) -> None:
    api = service.start_api(protocols=EVERY)
    for path, body in GOOD.items():
        response = post(api, path, body)
        assert response.status_code == (424 if path in TEI else 503)
        assert response.headers["retry-after"] == "2"
        assert reason(path, response) == "No worker is there to compute the answer."
    assert post(api, "hf", {"inputs": []}).status_code == 200, "an empty batch needs no worker"
    health = {"hf/health", "tei/health", "v2/health/ready", "v2/models/sentiment/ready", "v1/models/sentiment", "ping"}
    for path in health | {"vllm/health", "infinity/health"}:
        response = api.client.get(f"/project/{path}")
        assert response.status_code == 503
        assert "none is live" in response.json()["detail"]
    assert api.client.get("/project/v2/health/live").json() == {"live": True}
    for path in ("hf/info", "v2/models/sentiment", "v2/models/sentiment/versions/1/ready"):
        assert api.client.get(f"/project/{path}").status_code in {424, 503}


def test_keys_and_quotas(service_of_all: Service) -> None:
    locked = service_of_all.start_api(protocols=EVERY, api_keys="alice-key", rate_limit="0.001", rate_burst="1")
    key = {"Authorization": "Bearer alice-key"}
    for path, body in GOOD.items():
        response = post(locked, path, body)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        assert "API key" in reason(path, response)
    assert post(locked, "hf", GOOD["hf"], **key).status_code == 200
    for path, body in GOOD.items():
        response = post(locked, path, body, **key)
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) > 0
        assert response.headers["ratelimit"]
        assert "more often" in reason(path, response)
    for path in ("hf/health", "v2/health/live", "v2/health/ready", "v1/models/sentiment", "ping"):
        assert locked.client.get(f"/project/{path}").status_code == 200
    for path in ("hf/info", "v2/models/sentiment"):
        assert locked.client.get(f"/project/{path}").status_code == 401


def test_health_needs_a_key_where_it_is_protected(service_of_all: Service) -> None:
    locked = service_of_all.start_api(protocols=EVERY, api_keys="alice-key", protect_health="true")
    for path in ("hf/health", "v2/health/live", "v1/models/sentiment", "ping"):
        assert locked.client.get(f"/project/{path}").status_code == 401


def test_a_refusal_counts_as_the_products(spoken: Api) -> None:
    assert post(spoken, "tei/predict", {"inputs": "raise-error"}).status_code == 424
    metrics = spoken.client.get("/metrics").text
    assert 'route="/project/tei/predict",status="500"' in metrics
    assert 'route="/project/tei/predict",status="424"' not in metrics


def test_no_text_in_any_log(spoken: Api, service_of_all: Service) -> None:
    for path, body in GOOD.items():
        assert post(spoken, path, body).status_code == 200
    for log in service_of_all.folder.glob("*.log"):
        assert SECRET not in log.read_text()


def test_each_protocol_is_turned_off(service_of_all: Service) -> None:
    api = service_of_all.start_api(protocols="")
    for path, body in GOOD.items():
        response = post(api, path, body)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
    assert api.predict(SECRET).status_code == 200
