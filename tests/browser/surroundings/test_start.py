"""A page that cannot start, or that fails later, says so."""

import pytest

from tests.browser.conftest import Visit
from tests.support.service import Api, Service

pytestmark = pytest.mark.browser

NOT_STARTED = "This page has not started."
NO_DIALOG = "for (const name of ['show', 'showModal', 'close']) delete HTMLDialogElement.prototype[name]"


def test_a_page_that_starts_says_nothing(api: Api, visit: Visit) -> None:
    page = visit(api).page
    page.get_by_role("button", name="A good film").wait_for()
    assert page.get_by_text(NOT_STARTED).count() == 0
    assert page.locator(".notice").count() == 0


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_browser_that_cannot_read_the_scripts_is_told_so(api: Api, visit: Visit, motion: str) -> None:
    visitor = visit(api, "docs", reduced_motion=motion)
    visitor.expect("Unexpected token '{'")
    page = visitor.page
    page.route("**/js/table/csv.js", lambda route: route.fulfill(content_type="text/javascript", body="class {"))
    page.goto(api.url)
    page.get_by_text(NOT_STARTED).wait_for()


def test_without_scripts_the_page_says_what_it_needs(api: Api, visit: Visit) -> None:
    page = visit(api, java_script_enabled=False).page
    page.get_by_text(NOT_STARTED).wait_for()


@pytest.mark.parametrize(
    "fault", ["setTimeout(() => { throw new Error('broken'); })", "Promise.reject(new Error('broken'))"]
)
def test_a_fault_that_nobody_foresaw_is_said(api: Api, visit: Visit, fault: str) -> None:
    visitor = visit(api)
    visitor.expect("broken")
    page = visitor.page
    page.evaluate(f"() => {{ {fault} }}")
    page.get_by_text("Something in this page failed").first.wait_for()
    assert "broken" in page.locator("#page-notice").inner_text()
    page.get_by_role("button", name="A good film").click()
    page.locator(".verdict").wait_for()


def test_without_dialogs_the_browser_asks_for_the_key(service: Service, visit: Visit) -> None:
    service.start_worker()
    page = visit(service.start_api(api_keys="the-key"), script=NO_DIALOG).page
    page.once("dialog", lambda dialog: dialog.accept("the-key"))
    page.get_by_role("button", name="API key").click()
    page.get_by_role("button", name="A good film").click()
    page.locator(".verdict").wait_for()


def test_a_key_that_no_browser_can_send_is_refused_at_once(service: Service, visit: Visit) -> None:
    page = visit(service.start_api(api_keys="the-key")).page
    page.get_by_role("button", name="API key").click()
    field = page.get_by_label("Key", exact=True)
    field.fill("clé ключ")
    page.keyboard.press("Enter")
    assert "ASCII" in field.evaluate("(field) => field.validationMessage")
    field.fill("the-key")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="API key is set").wait_for()
