"""Browsers that lack something: every view works with what is there."""

from pathlib import Path
from typing import Final

import pytest

from tests.browser.conftest import Visit
from tests.browser.surroundings.walk import OLDEST, send_and_save, walk
from tests.load.running import run_node
from tests.support.npm import install
from tests.support.service import Api

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[2]
MISSING: Final = {
    "AbortSignal.any": "delete AbortSignal.any",
    "AbortSignal.timeout": "delete AbortSignal.timeout",
    "BroadcastChannel": "delete window.BroadcastChannel",
    "clipboard": "delete Navigator.prototype.clipboard",
    "crypto.randomUUID": "delete Crypto.prototype.randomUUID",
    "dialogs": "delete HTMLDialogElement.prototype.showModal; delete HTMLDialogElement.prototype.close",
    "locks": "delete Navigator.prototype.locks",
    "matchMedia": "delete window.matchMedia",
    "methods of arrays": "for (const name of ['at', 'findLast', 'toSorted', 'with']) delete Array.prototype[name]",
    "methods of strings": "for (const name of ['at', 'isWellFormed', 'toWellFormed']) delete String.prototype[name]",
    "Object.hasOwn": "delete Object.hasOwn; delete Object.groupBy",
    "onLine": "delete Navigator.prototype.onLine",
    "requestSubmit": "delete HTMLFormElement.prototype.requestSubmit",
    "source of JSON": """
        const parse = JSON.parse;
        JSON.parse = (text, revive) => parse(text, revive && ((name, value) => revive(name, value)));
    """,
    "streams": """
        for (const name of ["CompressionStream", "DecompressionStream", "TextDecoderStream", "TransformStream"]) {
          delete window[name];
        }
        delete Blob.prototype.stream;
        delete ReadableStream.prototype[Symbol.asyncIterator];
        delete ReadableStream.prototype.pipeThrough;
    """,
    "structuredClone": "delete window.structuredClone",
    "trustedTypes": "delete window.trustedTypes",
}


@pytest.mark.parametrize("feature", MISSING)
def test_every_view_works_without(api: Api, visit: Visit, tmp_path: Path, feature: str) -> None:
    walk(visit(api, script=MISSING[feature]).page, tmp_path)


def test_every_view_works_with_what_the_oldest_browsers_have(api: Api, visit: Visit, tmp_path: Path) -> None:
    """Take away every feature that one of them lacks, by MDN's tables."""
    install(HERE)
    script = run_node(HERE / "missing.js", *(f"{name}={version}" for name, version in OLDEST.items()))
    assert script.returncode == 0, script.stderr
    page = visit(api, script=script.stdout).page
    left = ["AbortSignal.any", "AbortSignal.timeout", "Array.prototype.at", "window.BroadcastChannel", "Object.hasOwn"]
    assert page.evaluate(f"[{', '.join(left)}].filter(Boolean)") == []
    walk(page, tmp_path)


def test_the_oldest_browsers_are_named() -> None:
    names = "Chrome or Edge {chrome}, Firefox {firefox}, Safari {safari}".format_map(OLDEST)
    assert names in (ROOT / "api/page/index.html").read_text(encoding="utf-8")
    assert names in (ROOT / "docs/page.md").read_text(encoding="utf-8")


def test_without_tabs_that_talk_a_job_is_followed_in_its_own(api: Api, visit: Visit, tmp_path: Path) -> None:
    visitor = visit(api, "#jobs", script="delete window.BroadcastChannel")
    other = visitor.another_tab()
    other.goto(f"{api.url}/#jobs")
    send_and_save(visitor.page, tmp_path)
    other.reload()
    other.get_by_text("Done", exact=True).wait_for()
