"""The documentation page in a real browser, under its own policy and with nothing to reach but the service."""

import pytest

from tests.browser.conftest import Visit
from tests.support.service import Api

pytestmark = pytest.mark.browser


def test_the_examples_work_when_tried(api: Api, visit: Visit) -> None:
    page = visit(api, "docs").page
    policy = page.reload().headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    paths = api.client.get("/openapi.json").json()["paths"]
    for path in ("/project/predict", "/project/bulk-predict"):
        operation = page.locator(f'.opblock-post:has([data-path="{path}"])')
        operation.locator(".opblock-summary").click()
        with page.expect_response(f"**{path}") as answered:
            operation.locator("button.execute").click()
        assert answered.value.status == 200
        documented = paths[path]["post"]["requestBody"]["content"]["application/json"]
        assert answered.value.request.post_data_json == documented["example"]
        live = operation.locator(".live-responses-table .response-col_status").last
        live.wait_for()
        assert live.inner_text().startswith("200")
        assert "POSITIVE" in operation.locator(".live-responses-table").inner_text()
