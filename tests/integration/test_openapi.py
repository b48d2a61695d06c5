"""The real service, fuzzed from its own description."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.process.choices import ClientProtocolName
from shared.process.settings import Settings
from tests.support.service import Api, Service

HONEST_FAILURES = {503, 504}
CONFORMANCE = (content_type_conformance, response_schema_conformance, status_code_conformance)
CHECKS = (*CONFORMANCE, negative_data_rejection, positive_data_acceptance)
OTHERS = tuple(f"/project/{name}" for name in ("hf", "tei", "v2", "v1", "invocations", "ping", "vllm", "infinity"))
"""Beginnings of the paths of other protocols."""
EXAMPLES = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
PREDICT, BULK = "/project/predict", "/project/bulk-predict"


@pytest.fixture(scope="module")
def spoken(shared_service: Service, api: Api) -> Api:
    """An API process with every protocol."""
    return shared_service.start_api(protocols=",".join(ClientProtocolName))


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_keeps_to_its_description(spoken: Api, mode: GenerationMode) -> None:
    """Other protocols refuse some bodies for reasons that a schema cannot tell, such as the shape of a tensor."""
    schema = schemathesis.openapi.from_url(f"{spoken.url}/openapi.json")
    tested = dict.fromkeys((CHECKS, CONFORMANCE), 0)
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue
        checks = CONFORMANCE if operation.path.startswith(OTHERS) else CHECKS
        tested[checks] += 1

        @EXAMPLES
        @given(operation.as_strategy(mode))
        def keeps_to_it(case: Case[Any]) -> None:
            case.headers.pop("Idempotency-Key", None)  # one key for two payloads is refused, and rightly
            response = case.call(base_url=spoken.url)
            assert response.status_code < 500 or response.status_code in HONEST_FAILURES
            case.validate_response(response, checks=list(checks))  # noqa: B023

        keeps_to_it()
    assert list(tested.values()) == ([6, 9] if mode is GenerationMode.NEGATIVE else [11, 26])


@pytest.mark.parametrize("path", [PREDICT, BULK])
@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (413, "application/json", b" " * (Settings().max_body_bytes + 1)),
        (415, "text/plain", b"{}"),
        (422, "application/json", b"["),
    ],
    ids=["413", "415", "422"],
)
def test_a_refusal_is_described(api: Api, path: str, status: int, kind: str, body: bytes) -> None:
    response = api.client.post(path, content=body, headers={"Content-Type": kind})
    assert response.status_code == status
    conforms(api, response)


@pytest.mark.parametrize(("path", "text"), [(PREDICT, "raise-error"), (BULK, ["raise-error"])])
def test_a_failed_inference_is_described(api: Api, path: str, text: str | list[str]) -> None:
    response = api.client.post(path, json={"text": text})
    assert response.status_code == 500
    conforms(api, response)


@pytest.mark.parametrize(("path", "text"), [(PREDICT, "too late"), (BULK, ["much too late"])])
def test_a_missed_deadline_is_described(api: Api, shared_service: Service, path: str, text: str | list[str]) -> None:
    shared_service.hold()
    try:
        response = api.client.post(path, json={"text": text})
    finally:
        shared_service.release()
    assert response.status_code == 504
    conforms(api, response)


def test_a_missing_worker_is_described(service: Service) -> None:
    api = service.start_api()
    for response in (
        api.client.get("/health"),
        api.client.get("/project/health"),
        api.client.post(PREDICT, json={"text": "nobody is there"}),
        api.client.post(BULK, json={"text": ["nobody is there"]}),
    ):
        assert response.status_code == 503
        conforms(api, response)


def conforms(api: Api, response: httpx.Response) -> None:
    """Hold one answer against what the description says about it."""
    schema = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    operation = schema[response.request.url.path][response.request.method]
    operation.Case().validate_response(response, checks=list(CONFORMANCE))
