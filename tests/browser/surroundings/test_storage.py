"""Browsers that store nothing, or lose their data: *Try* and *System* work, *Jobs* names the consequence."""

from pathlib import Path
from typing import Final

import pytest

from tests.browser.conftest import Visit
from tests.browser.surroundings.walk import NOT_STORED, TEXTS, send_and_save, walk
from tests.support.service import Api, Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

REFUSE: Final = "() => { throw new DOMException('The operation is insecure.', 'SecurityError'); }"
NO_STORAGES: Final = f"""
    for (const name of ["localStorage", "sessionStorage"]) {{
      Object.defineProperty(window, name, {{ get: {REFUSE} }});
    }}
"""
NO_CHANNEL: Final = f"window.BroadcastChannel = class {{ constructor() {{ ({REFUSE})(); }} }};"
NO_LOCKS: Final = "LockManager.prototype.request = async () => { throw new DOMException('Denied', 'SecurityError'); };"
NO_DATABASE: Final = {
    "it is missing": "delete window.indexedDB",
    "its name throws": f"Object.defineProperty(window, 'indexedDB', {{ get: {REFUSE} }})",
    "opening throws": f"IDBFactory.prototype.open = {REFUSE}",
    "opening fails": """
        IDBFactory.prototype.open = () => {
          const request = { error: new DOMException("A mutation operation was attempted", "InvalidStateError") };
          setTimeout(() => request.onerror(new Event("error")));
          return request;
        };
    """,
}
SILENT: Final = "IDBFactory.prototype.open = () => ({});"
FULL_ONCE: Final = """
    const put = IDBObjectStore.prototype.put;
    let full = true;
    IDBObjectStore.prototype.put = function (...given) {
      if (full && this.name === "results") {
        full = false;
        throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
      }
      return put.apply(this, given);
    };
"""


@pytest.mark.parametrize("way", NO_DATABASE)
def test_without_a_database_jobs_last_as_long_as_the_page(api: Api, visit: Visit, tmp_path: Path, way: str) -> None:
    page = visit(api, script=NO_DATABASE[way]).page
    walk(page, tmp_path)
    page.get_by_text(NOT_STORED).wait_for()
    page.get_by_role("button", name="Remove").click()
    page.locator(".job").wait_for(state="detached")
    send_and_save(page, tmp_path)
    page.reload()
    page.get_by_text(NOT_STORED).wait_for()
    assert page.locator(".job").count() == 0


@pytest.mark.parametrize("blocked", [NO_STORAGES, NO_CHANNEL, NO_LOCKS], ids=["storages", "channel", "locks"])
def test_what_else_is_blocked_is_not_missed(api: Api, visit: Visit, tmp_path: Path, blocked: str) -> None:
    page = visit(api, script=blocked).page
    walk(page, tmp_path)
    assert page.get_by_text(NOT_STORED).count() == 0
    page.reload()
    page.get_by_text("Done", exact=True).wait_for()


def test_all_of_it_blocked_as_with_cookies(api: Api, visit: Visit, tmp_path: Path) -> None:
    script = "\n".join([NO_STORAGES, NO_CHANNEL, NO_LOCKS, NO_DATABASE["opening throws"]])
    page = visit(api, script=script).page
    walk(page, tmp_path)
    page.get_by_text(NOT_STORED).wait_for()


def test_a_key_is_kept_by_the_page_where_nothing_else_keeps_it(service: Service, visit: Visit) -> None:
    service.start_worker()
    page = visit(service.start_api(api_keys="the-key"), script=NO_STORAGES).page
    page.get_by_role("button", name="API key").click()
    page.get_by_label("Key", exact=True).fill("the-key")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="A good film").click()
    page.locator(".verdict").wait_for()


def test_a_database_that_never_answers_is_given_up(api: Api, visit: Visit, tmp_path: Path) -> None:
    page = visit(api, "docs", script=SILENT).page
    page.clock.install()
    page.goto(f"{api.url}/#jobs")
    page.get_by_text("Drop a CSV, TSV, TXT or NDJSON file here").wait_for()
    page.clock.run_for(10_000)  # of the page's own time
    page.get_by_text(NOT_STORED).wait_for()
    send_and_save(page, tmp_path)


def test_a_full_disk_is_said_and_waited_for(api: Api, visit: Visit, tmp_path: Path) -> None:
    page = visit(api, "#jobs", script=FULL_ONCE).page
    page.evaluate("""() => {
      window.said = [];
      new MutationObserver(() => window.said.push(document.querySelector("#jobs-list").textContent))
        .observe(document.querySelector("#jobs-list"), { subtree: true, childList: true, characterData: true });
    }""")
    send_and_save(page, tmp_path)
    assert "This browser has no room for the results" in " ".join(page.evaluate("window.said"))


def test_data_that_is_cleared_meanwhile_ends_no_more_than_the_jobs(api: Api, visit: Visit, tmp_path: Path) -> None:
    visitor = visit(api, "#jobs")
    page = visitor.page
    send_and_save(page, tmp_path)
    session = visitor.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": api.url, "storageTypes": "all"})
    page.get_by_label("Choose a file").set_input_files(
        {"name": "again.txt", "mimeType": "text/plain", "buffer": "\n".join(TEXTS).encode()}
    )
    page.get_by_role("button", name="Classify 20 rows").click()
    page.locator(".job", has_text="again.txt").get_by_text("Done", exact=True).wait_for()
