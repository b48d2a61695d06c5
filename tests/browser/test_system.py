"""The view of the system: it shows the service's figures, and requests them only while it is visible."""

import re
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_jobs import HIDE
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

pytestmark = pytest.mark.browser


def _cells(page: Any, table: str) -> list[list[str]]:
    rows = page.get_by_role("region", name=table).locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def _tile(page: Any, name: str) -> str:
    tile = page.locator(".tiles > div", has=page.get_by_text(name, exact=True))
    return str(tile.locator("dd").inner_text())


def test_figures_curves_and_parts(service: Service, visit: Visit) -> None:
    service.start_worker()
    apis = [service.start_api(flower_url="https://flower.example/") for _ in range(2)]
    for api in apis:
        for _ in range(4):
            assert api.predict("asked often").is_success
        wait_for(lambda: service.stored("asked often"), "the answer to be in the cache")
    page = visit(apis[0], "#system").page
    page.get_by_text("Everything works.").first.wait_for()
    page.get_by_text(re.compile(r"^2 API processes, \d\d:\d\d:\d\d$")).wait_for()
    wait_for(lambda: page.wait_for_timeout(100) or "7 of 8 answers" in _tile(page, "Hits"), "both to be counted")
    assert [row[0] for row in _cells(page, "Queues")] == ["Requests", "Jobs"]
    workers = _cells(page, "Workers")
    assert len(workers) == 2
    assert workers[0][2] == "requests, jobs"
    assert [row[0] for row in _cells(page, "Redis")] == ["Broker: queues and jobs", "Cache: answers"]
    assert page.get_by_role("link", name="More in Flower").get_attribute("href") == "https://flower.example/"
    for name in ("API documentation", "Metrics"):
        page.get_by_role("link", name=name).wait_for()
    chart = page.get_by_role("slider", name="Where answers come from")
    assert chart.locator("path.area.memory").get_attribute("d").count("L") > 100
    chart.focus()
    page.keyboard.press("Home")
    assert "memory \u2013" in chart.get_attribute("aria-valuetext")
    page.keyboard.press("End")
    assert re.match(r"\d\d:\d\d:\d\d: memory", chart.get_attribute("aria-valuetext"))


def test_what_is_missing_is_said(service: Service, visit: Visit) -> None:
    worker = service.start_worker()
    page = visit(service.start_api(), "#system").page
    page.get_by_text("Everything works.").first.wait_for()
    assert page.get_by_role("link", name="More in Flower").count() == 0
    worker.kill()
    page.get_by_text("No worker takes requests: only what is known already can be answered.").first.wait_for()
    page.get_by_text("No worker is there.").wait_for()
    service.start_worker()
    page.get_by_text("Everything works.").first.wait_for()
    service.cache.stop()
    page.get_by_text("The cache does not answer: answers are right").first.wait_for()
    service.broker.stop()
    page.get_by_text("The broker does not answer").first.wait_for()
    page.get_by_text("Unknown while the broker is away.").first.wait_for()


@pytest.mark.parametrize("way", ["another tab", "another view"])
def test_nobody_asks_while_nobody_looks(api: Api, visit: Visit, way: str) -> None:
    page = visit(api).page
    page.clock.install()
    page.goto(f"{api.url}/#system")
    page.reload()
    asked: list[str] = []

    def questions() -> list[str]:
        """Return the requests for figures: a browser may request the icon at any time."""
        return [url for url in asked if "/stats" in url]

    page.on("request", lambda request: asked.append(request.url))
    only_new = re.compile(r"after=\d{5,}$")
    wait_for(lambda: page.wait_for_timeout(50) or any(map(only_new.search, questions())), "it to ask for what is new")
    with page.expect_response("**/stats?*"):
        pass  # nothing is under way now
    if way == "another tab":
        page.evaluate(HIDE, arg=True)
    else:
        page.get_by_role("link", name="Try").click()
    before = questions()
    page.clock.run_for(60_000)  # a minute of the page's own time
    assert questions() == before
    if way == "another tab":
        page.evaluate(HIDE, arg=False)
    else:
        page.get_by_role("link", name="System").click()
    wait_for(lambda: page.wait_for_timeout(50) or len(questions()) > len(before), "it to go on")


def test_a_key_is_asked_for(service: Service, visit: Visit) -> None:
    visitor = visit(service.start_api(api_keys="the-key", protect_health="true"), "#system")
    visitor.expect(401)
    page = visitor.page
    page.get_by_role("button", name="Enter a key").click()
    page.get_by_label("Key", exact=True).fill("the-key")
    page.keyboard.press("Enter")
    page.get_by_text("No worker takes requests").first.wait_for()
    assert page.locator(".notice").count() == 0


def test_a_service_that_is_gone(service: Service, visit: Visit) -> None:
    api = service.start_api()
    visitor = visit(api, "#system")
    visitor.expect("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    page = visitor.page
    page.get_by_text("No worker takes requests").first.wait_for()
    api.process.kill()
    page.get_by_text("The service cannot be reached").first.wait_for()
    page.get_by_text("No news.").wait_for()
