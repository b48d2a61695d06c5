"""The HTTP contract, on real parts and every Redis."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.asking import expected
from tests.support.redis import available_servers
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

BULK = "/project/bulk-predict"
SERVERS = available_servers()


@pytest.fixture(scope="module", params=sorted(SERVERS))
def shared_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service on every Redis."""
    service = Service(tmp_path_factory.mktemp("service"), SERVERS[request.param])
    yield service
    service.stop()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", BULK, '{"text": []}', 200),
        ("POST", BULK, '{"text": null}', 422),
        ("POST", BULK, '{"some_field": ["a"]}', 422),
        ("POST", BULK, "invalid json[]", 422),
        ("GET", BULK, None, 405),
        ("POST", "/nowhere", "{}", 404),
        ("POST", BULK, '{"text": ["123", " "]}', 200),
        ("POST", BULK, '{"text": [1]}', 422),
        ("POST", BULK, '{"text": "one"}', 422),
        ("POST", BULK, '["a"]', 422),
        ("POST", BULK, "", 422),
        ("POST", BULK, '{"text": ["\\ud800"]}', 422),
        ("POST", BULK, "[" * 100_000, 422),
        ("POST", "/project/predict", '{"text": ["a"]}', 422),
        ("POST", "/project/predict", '{"text": ""}', 200),
        ("POST", "/project/predict", '{"text": "\\u0000"}', 200),
    ],
)
def test_the_table_of_cases(api: Api, method: str, path: str, body: str | None, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    response = api.client.request(method, path, content=body, headers=headers)
    assert response.status_code == status
    if status >= 400:
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem["request_id"] == response.headers["x-request-id"]


def test_an_empty_batch_has_no_predictions(api: Api) -> None:
    assert api.predict().json() == {"predictions": []}


def test_a_batch_is_answered_in_order_and_duplicates_alike(api: Api) -> None:
    texts = ["first", "second", "first", "\n", "  ", "dritter \u2603"]
    response = api.predict(*texts)
    assert response.json() == {"predictions": [expected(text) for text in texts]}
    assert response.headers["cache-status"] == 'sentiment; fwd=miss; detail="hits=1 misses=5"'
    assert "inference;dur=" in response.headers["server-timing"]


def test_a_second_time_from_the_cache(api: Api) -> None:
    first = api.client.post("/project/predict", json={"text": "once computed"})
    second = api.client.post("/project/predict", json={"text": "once computed"})
    assert first.json() == {"prediction": expected("once computed")}
    assert second.content == first.content
    assert second.headers["cache-status"] == "sentiment; hit"


def test_limits(api: Api) -> None:
    assert api.predict(*["a"] * 128).status_code == 200
    assert api.predict(*["a"] * 129).status_code == 422
    assert api.predict("a" * 10_000).status_code == 200
    assert api.predict("a" * 10_001).status_code == 422
    headers = {"Content-Type": "application/json"}
    large = json.dumps({"text": ["a" * (1024 * 1024)]})
    assert api.client.post(BULK, content=large, headers=headers).status_code == 413

    def chunks() -> Any:
        yield from (b"x" * 65536 for _ in range(20))

    assert api.client.post(BULK, content=chunks(), headers=headers).status_code == 413


def test_a_body_that_is_declared_to_be_something_else(api: Api) -> None:
    response = api.client.post(BULK, content='{"text": []}', headers={"Content-Type": "text/plain"})
    assert response.status_code == 415


def test_an_error_never_repeats_what_was_sent(api: Api) -> None:
    response = api.client.post(BULK, json={"text": [{"secret": "swordfish"}]})
    assert response.status_code == 422
    assert "swordfish" not in response.text
    assert response.json()["errors"][0]["location"] == "body.text.0"


def test_a_callers_request_id_is_kept_and_reaches_the_workers_log(service: Service) -> None:
    service.start_worker(log_level="DEBUG")
    api = service.start_api()
    response = api.predict("a text with an id", **{"X-Request-ID": "from-the-caller"})
    assert response.headers["x-request-id"] == "from-the-caller"

    def logged() -> list[str]:
        logs = "".join(path.read_text() for path in service.folder.glob("worker-*.log"))
        return [json.loads(line)["message"] for line in logs.splitlines() if "from-the-caller" in line]

    assert wait_for(logged, "the worker's line, which follows the answer") == ["classified"]


@pytest.mark.parametrize("identity", ["", "has space", "x" * 129, "\u00e9"])
def test_a_bad_request_id_is_replaced(api: Api, identity: str) -> None:
    response = api.client.get("/livez", headers=[(b"X-Request-ID", identity.encode("latin-1"))])
    assert len(response.headers["x-request-id"]) == 32


def test_no_text_in_any_log(shared_service: Service, api: Api) -> None:
    api.predict("a very secret sentence", "a secret that will raise-error")
    for log in shared_service.folder.glob("*.log"):
        assert "secret" not in log.read_text()


def test_a_text_that_fails_fails_alone(shared_service: Service, api: Api) -> None:
    response = api.predict("innocent", "this will raise-error", "also innocent")
    assert response.status_code == 200
    first, failure, last = response.json()["predictions"]
    assert (first, last) == (expected("innocent"), expected("also innocent"))
    assert failure["error"]["code"] == "inference-failed"
    assert "Traceback" not in response.text
    alone = api.client.post("/project/predict", json={"text": "this will raise-error"})
    assert alone.status_code == 500
    assert shared_service.count("this will raise-error") == 2, "a failure is not cached"


def test_health_names_every_part(api: Api) -> None:
    for path in ("/health", "/project/health"):
        response = api.client.get(path)
        assert response.status_code == 200
        assert response.json() == {
            "status": "ok",
            "parts": {"broker": "ok", "cache": "ok", "worker": "ok"},
            "engines": [{"engine": "steered", "variant": "by-files", "workers": 2}],
        }
    assert api.client.get("/livez").json() == {"status": "ok"}
    assert api.client.get("/readyz").json() == {"status": "ok"}


def test_documentation_is_served_from_here(api: Api) -> None:
    page = api.client.get("/docs")
    assert page.status_code == 200
    assert "'unsafe" not in page.headers["content-security-policy"]
    assert "http" not in page.text.replace('charset="utf-8"', "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert api.client.get(f"/docs/{asset}").status_code == 200
    operation = api.client.get("/openapi.json").json()["paths"][BULK]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    assert api.client.post(BULK, json=example).status_code == 200
