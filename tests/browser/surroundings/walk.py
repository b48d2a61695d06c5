"""One way through the three views."""

from pathlib import Path
from typing import Any, Final

from tests.browser.files import labelled, read_csv, write_csv

OLDEST: Final = {"chrome": 88, "firefox": 90, "safari": 15}
"""Versions of the oldest browsers that the page supports."""
TEXTS: Final = [f'Review "{i}", with a comma' for i in range(20)]
NOT_STORED: Final = "This browser stores nothing for this page"


def walk(page: Any, folder: Path) -> None:
    """Classify a text, look at the system, send a file and get it back; no view may fail."""
    page.get_by_role("button", name="A good film").click()
    page.locator(".verdict").wait_for()
    page.get_by_role("link", name="System").click()
    page.get_by_text("Everything works.").first.wait_for()
    page.get_by_role("link", name="Jobs").click()
    send_and_save(page, folder)
    assert page.locator("#page-notice").inner_text() == ""


def send_and_save(page: Any, folder: Path) -> None:
    """Send a file from the view of jobs, and compare what is saved."""
    page.get_by_label("Choose a file").set_input_files(write_csv(folder / "reviews.csv", TEXTS))
    page.get_by_role("button", name="Classify 20 rows").click()
    page.get_by_text("Done", exact=True).wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV").click()
    assert read_csv(saved.value) == labelled(TEXTS)
