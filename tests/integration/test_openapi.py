"""The real service, fuzzed from its own description."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.service import Api

HONEST_FAILURES = {503, 504}
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_keeps_to_its_description(api: Api, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    tested = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        if mode is GenerationMode.NEGATIVE and not operation.body:
            continue
        tested += 1

        @EXAMPLES
        @given(operation.as_strategy(mode))
        def keeps_to_it(case: Case[Any]) -> None:
            response = case.call(base_url=api.url)
            assert response.status_code < 500 or response.status_code in HONEST_FAILURES
            case.validate_response(response, checks=CHECKS)

        keeps_to_it()
    assert tested == (2 if mode is GenerationMode.NEGATIVE else 6)
