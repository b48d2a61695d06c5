"""Accessibility: axe-core finds nothing in any view and state, in light and dark, at a desk and on a phone."""

from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.browser.files import write_csv
from tests.browser.visitor import inspect
from tests.support.service import Api, Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_view_and_state(api: Api, visit: Visit, tmp_path: Path, scheme: str, phone: bool) -> None:
    visitor = visit(api, scheme=scheme, phone=phone)
    visitor.expect(422)
    page = visitor.page
    inspect(page)
    page.get_by_role("button", name="A batch").click()
    page.locator(".batch").wait_for()
    inspect(page)
    page.get_by_label("Text to classify").fill("x" * 10_001)
    page.get_by_role("button", name="Classify", exact=True).click()
    page.locator(".notice").wait_for()
    inspect(page)
    page.get_by_role("link", name="Jobs").click()
    page.get_by_label("Choose a file").set_input_files(write_csv(tmp_path / "a.csv", ["good", "bad", "so so"]))
    page.get_by_role("button", name="Classify 3 rows").wait_for()
    inspect(page)
    page.get_by_role("button", name="Classify 3 rows").click()
    page.get_by_text("Done", exact=True).wait_for()
    inspect(page)
    page.get_by_role("link", name="System").click()
    page.get_by_role("region", name="Redis").locator("tbody tr").first.wait_for()
    inspect(page)


def test_the_dialog_for_the_key(service: Service, visit: Visit) -> None:
    page = visit(service.start_api(api_keys="the-key")).page
    page.get_by_role("button", name="API key").click()
    page.get_by_label("Key", exact=True).wait_for()
    inspect(page)
    page.keyboard.press("Escape")
    assert page.get_by_label("Key", exact=True).count() == 0 or not page.get_by_label("Key", exact=True).is_visible()


def test_all_of_it_by_keyboard(api: Api, visit: Visit, tmp_path: Path) -> None:
    page = visit(api).page
    page.on("filechooser", lambda _: None)  # from now on Chromium hands choosers over: asked only then, it may be late
    assert page.locator(":focus").get_attribute("id") == "try-text", "one may begin to type at once"
    page.get_by_role("link", name="Skip to the content").focus()
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("id") == "main"
    page.keyboard.press("Tab")
    page.keyboard.type("typed without a mouse")
    page.keyboard.press("Enter")
    page.locator(".verdict").wait_for()
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Classify"
    page.locator("[data-view=jobs]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Whole files").wait_for()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("id") == "job-file":
            break
    assert page.locator(":focus").get_attribute("id") == "job-file", "ten steps lead to the file"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(write_csv(tmp_path / "a.csv", ["good", "bad", "so so"]))
    page.locator("#job-column:focus").wait_for()
    for _ in range(4):
        page.keyboard.press("Tab")
    assert "Classify" in page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    page.get_by_text("Done", exact=True).wait_for()


def test_who_wants_no_motion_gets_none(api: Api, visit: Visit) -> None:
    page = visit(api, reduced_motion="reduce").page
    page.get_by_role("button", name="A good film").click()
    page.locator(".verdict").wait_for()
    assert page.evaluate("getComputedStyle(document.querySelector('.fill')).transitionDuration") == "0s"
    assert page.evaluate("document.getAnimations().length") == 0
