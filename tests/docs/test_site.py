"""The site builds, whole, and asks nobody else for anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.site.__main__ import MADE
from deploy.site.layout import BORROWED, DOCS, ROOT
from deploy.site.links import for_the_site
from deploy.site.settings import all_settings
from shared.process import metrics
from shared.process.settings import Settings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_document_is_a_page(site: Path) -> None:
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} | set(BORROWED.values())
    assert {page.removesuffix(".md") + ".html" for page in written} <= {
        path.relative_to(site).as_posix() for path in site.rglob("*.html")
    }


def test_links_of_the_site_lead_to_files_of_it(site: Path) -> None:
    """MkDocs has looked at what it knows as links; here the pages that came out are looked at."""
    for page in site.rglob("*.html"):
        if page.name == "404.html":
            continue
        for target in re.findall(r'(?:href|src)="([^"#?]+)[^"]*"', page.read_text("utf-8")):
            if ":" not in target:
                assert (page.parent / target).exists(), f"{page.relative_to(site)}: {target}"


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    page = (site / "index.html").read_text("utf-8")
    loaded = re.findall(
        r"<(?:script|img|iframe)[^>]* src=\"(https?:[^\"]+)|<link[^>]*stylesheet[^>]* href=\"(https?:[^\"]+)", page
    )
    assert loaded == []


@pytest.mark.parametrize("name", MADE)
def test_pages_made_from_code_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == MADE[name](), "make docs writes it"


def test_every_metric_is_in_its_page() -> None:
    page = (DOCS / "metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| (.*) \|$", page, re.MULTILINE)
    listed = [(name, kind, tuple(re.findall(r"`(\w+)`", labels)), text) for name, kind, labels, text in rows]
    expected = [*metrics.API, *metrics.WORKER]
    assert listed == [(metric.name, metric.kind, metric.labels, metric.text) for metric in expected]


def test_every_setting_is_in_its_page() -> None:
    listed = list(all_settings())
    assert {setting.variable for setting in listed} == {f"SENTIMENT_{name.upper()}" for name in Settings.model_fields}
    assert all(setting.group and setting.meaning.endswith(".") for setting in listed)


def test_links_are_turned_to_the_sites_pages() -> None:
    text = "[a](../../charts/README.md#values) [b](../../shared/wait.py) `[c](d)` [e](https://e.example) [f](#g)"
    turned = for_the_site(text, "docs/reference/http.md", "reference/http.md")
    assert turned == "[a](../borrowed/chart.md#values) b `[c](d)` [e](https://e.example) [f](#g)"
    assert (
        for_the_site("![p](docs/pictures/try-light-desk.png)", "README.md", "index.md")
        == "![p](pictures/try-light-desk.png)"
    )
    assert for_the_site("[gone](nowhere.md)", "README.md", "index.md") == "[gone](nowhere.md)"
