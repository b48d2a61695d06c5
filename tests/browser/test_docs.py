"""The documentation page in a real browser, under its own policy and with nothing to reach but the service."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Api, Service

pytestmark = pytest.mark.browser

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    service = Service(tmp_path_factory.mktemp("service"))
    try:
        service.start_worker()
        yield service.start_api()
    finally:
        service.stop()


@pytest.fixture
def page() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        pytest.fail("Playwright is missing: `make test-browser` installs it")
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium, or name another in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page()
        browser.close()


def test_the_examples_work_when_tried(api: Api, page: Any) -> None:
    problems: list[str] = []
    foreign: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if _is_ours(request.url, api.url) else foreign.append(request.url))
    policy = page.goto(f"{api.url}/docs").headers["content-security-policy"]
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
    assert not problems
    assert not foreign


def _is_ours(url: str, base: str) -> bool:
    return url.startswith((f"{base}/", "data:", "blob:"))
