"""A browser context for one test, which records errors, warnings and requests to other servers."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

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
DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
_FAILED_LOAD = re.compile(r"^Failed to load resource: .*?(?:status of (\d+)|net::(ERR_\w+))")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the machine's Chromium; a missing part fails the test."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        pytest.fail("Playwright is missing: `make test-browser` installs it")
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium, or name another in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def inspect(page: Any) -> None:
    """Require that axe-core finds nothing on a page, and that it is not wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page, options=RULES)
    assert not found.violations_count, found.generate_report()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, "it is wider than the screen"


class Visitor:
    """A browser context of its own, with one page.

    Args:
        browser: of `chromium`.
        base: URL of the service; nothing else may be asked.
        scheme: ``light`` or ``dark``.
        phone: whether the screen is small and touched.
        script: JavaScript that runs before any page's own.
        context: options of Playwright's.
    """

    def __init__(
        self,
        browser: Any,
        base: str,
        *,
        scheme: str = "light",
        phone: bool = False,
        script: str = "",
        **context: Any,
    ) -> None:
        self._base = base
        self._complaints: list[tuple[str, str]] = []
        self._expected: set[str] = set()
        size = PHONE if phone else DESK
        self.context = browser.new_context(**size, color_scheme=scheme, accept_downloads=True, **context)
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(script)
        self.page = self._watched(self.context.new_page())

    def another_tab(self) -> Any:
        """Open a second page of the same person."""
        return self._watched(self.context.new_page())

    def expect(self, *failures: int | str) -> None:
        """Let the browser note failed loads, of these statuses or errors of the network, and these errors of scripts.

        Chromium writes each failed request into the console, whatever the page makes of it. Complaints are judged when
        the visitor leaves, so it does not matter whether this call or the failure comes first.
        """
        self._expected |= {str(failure) for failure in failures}

    def leave(self) -> list[str]:
        """Close, and return the complaints that were not expected."""
        self.context.close()
        return [text for cause, text in self._complaints if cause not in self._expected]

    def _watched(self, page: Any) -> Any:
        page.on("console", self._note)
        page.on("pageerror", self._note_error)
        page.on("request", self._check)
        return page

    def _note(self, message: Any) -> None:
        if message.type not in {"error", "warning"}:
            return
        failed = _FAILED_LOAD.match(message.text)
        cause = (failed[1] or failed[2]) if failed else ""
        self._complaints.append((cause, f"{message.type}: {message.text}"))

    def _note_error(self, error: Any) -> None:
        self._complaints.append((error.message, f"{error.message}\n{error.stack}"))

    def _check(self, request: Any) -> None:
        if not request.url.startswith((f"{self._base}/", "data:", "blob:")):
            self._complaints.append(("", f"asked {request.url}"))
