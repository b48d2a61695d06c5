"""The three views in Debian's Firefox ESR, over WebDriver BiDi."""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

from tests.browser.files import labelled, read_table, write_csv
from tests.browser.surroundings.walk import NOT_STORED, TEXTS
from tests.load.running import run_node
from tests.support.npm import install
from tests.support.service import Api
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HERE: Final = Path(__file__).parent
FIREFOX: Final = Path(os.environ.get("FIREFOX", "/usr/bin/firefox-esr"))
COOKIES_BLOCKED: Final = "network.cookie.cookieBehavior=2"


@pytest.mark.parametrize("preferences", [[], [COOKIES_BLOCKED]], ids=["as installed", "cookies blocked"])
def test_the_three_views(api: Api, tmp_path: Path, preferences: list[str]) -> None:
    seen = _walk(api, tmp_path, preferences)
    assert seen["complaints"] == []
    assert "Positive" in seen["verdict"]
    assert seen["notices"] == ([NOT_STORED] if preferences else [])
    folder = tmp_path / "saved"
    wait_for(
        lambda: [path.suffix for path in folder.iterdir() if path.stat().st_size] == [".csv"], "the download to end"
    )
    assert read_table(folder / "reviews-sentiment.csv") == labelled(TEXTS)


def _walk(api: Api, folder: Path, preferences: list[str]) -> Any:
    if not FIREFOX.exists():
        pytest.fail(f"{FIREFOX} is missing: apt-get install firefox-esr, or name another in FIREFOX")
    install(HERE)
    saved = folder / "saved"
    saved.mkdir()
    file = write_csv(folder / "reviews.csv", TEXTS)
    done = run_node(HERE / "firefox.js", FIREFOX, api.url, file, saved, *preferences)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
