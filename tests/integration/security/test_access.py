"""Keys, quotas and what browsers may do, on the running service."""

from typing import Any

import httpx
import pytest

from tests.support.jobs import finished, submit
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

URN = "urn:sentiment:problem:"
ALICE, BOB = {"Authorization": "Bearer alice-key"}, {"Authorization": "Bearer bob-key"}


@pytest.fixture
def locked(service: Service) -> Api:
    """An API that asks for keys."""
    service.start_worker()
    return service.start_api(api_keys="alice-key, bob-key")


def test_strangers_are_asked_for_a_key_and_clients_are_let_in(locked: Api) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
        refused = locked.predict("who am I", **headers)
        assert (refused.status_code, refused.json()["type"]) == (401, f"{URN}unauthorized")
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.headers["x-request-id"]
    assert locked.predict("who am I", **ALICE).status_code == 200
    assert locked.predict("who am I", **BOB).status_code == 200
    for path in ("/livez", "/readyz", "/health", "/project/health", "/docs", "/openapi.json", "/docs/swagger-ui.css"):
        assert locked.client.get(path).status_code == 200, path
    assert locked.client.get("/nowhere").status_code == 401
    assert "alice-key" not in locked.process.output


def test_a_body_is_not_read_before_the_key(locked: Api) -> None:
    response = locked.client.post("/project/predict", content=b"x" * 2**21)
    assert response.status_code == 401


def test_the_description_says_so(locked: Api) -> None:
    document = locked.client.get("/openapi.json").json()
    assert locked.client.get("/project/openapi.json").json() == document, "open too, and the same"
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    assert document["paths"]["/project/predict"]["post"]["security"]
    for path, error in (("/project/predict", "Problem"), ("/project/hf", "HuggingFaceError")):
        (content,) = document["paths"][path]["post"]["responses"]["401"]["content"].values()
        assert content["schema"] == {"$ref": f"#/components/schemas/{error}"}
    assert "security" not in document["paths"]["/livez"]["get"]


def test_health_may_be_locked_too(service: Service) -> None:
    api = service.start_api(api_keys="alice-key", protect_health="true")
    assert [api.client.get(path).status_code for path in ("/livez", "/readyz", "/health")] == [200, 200, 401]
    assert api.client.get("/project/health", headers=ALICE).status_code == 503, "let in, and no worker is there"
    paths = api.client.get("/project/openapi.json").json()["paths"]
    for path in ("/health", "/project/health", "/project/stats"):
        assert paths[path]["get"]["security"], path


def test_a_job_and_its_idempotency_key_belong_to_the_client(service: Service) -> None:
    service.start_worker(job_ttl="1")
    api = service.start_api(api_keys="alice-key,bob-key", job_ttl="1")
    key = {"Idempotency-Key": "the-same"}
    job = submit(api, ["mine"], **ALICE, **key).json()
    other = submit(api, ["another payload"], **BOB, **key)
    assert other.status_code == 202, "the key of another client is another key"
    url = job["urls"]["self"]
    for response in (
        api.client.get(url, headers=BOB),
        api.client.get(job["urls"]["results"], headers=BOB),
        api.client.delete(url, headers=BOB),
    ):
        assert (response.status_code, response.json()["type"]) == (404, f"{URN}job-unknown")
    assert api.client.get(url).status_code == 401
    wait_for(lambda: api.client.get(url, headers=ALICE).status_code == 410, "the job to expire")
    assert api.client.get(url, headers=BOB).status_code == 404, "nor is anybody else told that it was"


def test_a_client_that_asks_too_often_is_told_when_to_come_back(service: Service) -> None:
    service.start_worker()
    first, second = (service.start_api(rate_limit="0.5", rate_burst="5", api_keys="alice-key,bob-key") for _ in "12")
    statuses = [api.predict("again", **ALICE).status_code for api in (first, second) * 3]
    assert statuses == [200] * 5 + [429], "the bucket is shared by all processes"
    refused = first.predict("again", **ALICE)
    assert refused.json()["type"] == f"{URN}rate-limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert refused.headers["ratelimit-policy"] == '"default";q=5;w=10'
    assert refused.headers["ratelimit"].startswith('"default";r=0;t=')
    allowed = first.predict("again", **BOB)
    assert allowed.status_code == 200
    assert allowed.headers["ratelimit"] == '"default";r=4;t=2'
    assert first.client.get("/health").status_code == 200
    service.cache.kill()
    assert [first.predict("again", **ALICE).status_code for _ in range(8)] == [200] * 8, "it fails open"


def test_without_keys_addresses_are_counted(service: Service) -> None:
    service.start_worker()
    api = service.start_api(rate_limit="0.01", rate_burst="1", trusted_proxies="1")
    assert api.predict("a", **{"X-Forwarded-For": "6.6.6.6, 1.1.1.1"}).status_code == 200
    assert api.predict("a", **{"X-Forwarded-For": "7.7.7.7, 1.1.1.1"}).status_code == 429
    assert api.predict("a", **{"X-Forwarded-For": "1.1.1.2"}).status_code == 200


def test_headers_that_keep_browsers_in_check(api: Api) -> None:
    for response in (api.predict("plain"), api.client.get("/nowhere"), api.client.get("/livez")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert response.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in response.headers
        assert "server" not in response.headers
    docs = api.client.get("/docs")
    assert "script-src 'self'" in docs.headers["content-security-policy"]
    assert docs.headers["x-frame-options"] == "DENY"
    assert api.client.get("/docs/swagger-ui.css").headers["cache-control"].startswith("public")


def test_pages_of_named_origins_may_ask(service: Service) -> None:
    service.start_worker()
    api = service.start_api(cors_origins="https://shop.example", api_keys="alice-key")
    ask: dict[str, Any] = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = api.client.options("/project/predict", headers=ask)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
    answer = api.predict("from a page", Origin="https://shop.example", **ALICE)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    refused = api.predict("without a key", Origin="https://shop.example")
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://shop.example", "a page may read why"
    stranger = api.client.options("/project/predict", headers=ask | {"Origin": "https://evil.example"})
    assert stranger.status_code == 400
    assert "access-control-allow-origin" not in stranger.headers


def test_finished_jobs_with_a_key(locked: Api) -> None:
    locked.client.headers.update(ALICE)
    job = submit(locked, ["a", "b"]).json()
    assert finished(locked, job)["status"] == "succeeded"


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": 1}',
        b'{"text": NaN}',
        b'{"text": "a"',
        b'{"text": true}',
        b'{"text": ["a"]}',
        b"\xff",
        b'{"text": "\xff"}',
    ],
)
def test_only_strict_json(api: Api, body: bytes) -> None:
    response = api.client.post("/project/predict", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_members_beyond_the_contract_are_ignored(api: Api) -> None:
    response = api.client.post("/project/predict", json={"text": "extra", "model": "other"})
    assert response.status_code == httpx.codes.OK


def test_a_request_id_that_is_none_is_replaced(api: Api) -> None:
    assert api.predict("id", **{"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert api.predict("id", **{"X-Request-ID": "x" * 200}).headers["x-request-id"] != "x" * 200


def test_without_trusted_proxies_no_header_names_a_client(service: Service) -> None:
    service.start_worker()
    api = service.start_api(rate_limit="0.01", rate_burst="1")
    statuses = [api.predict("a", **{"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in range(2)]
    assert statuses == [200, 429]
