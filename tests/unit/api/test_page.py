"""The page's files: all of them in the package, small, and nothing in them that its policy forbids."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "api/page"
FILES = [path for path in PAGE.rglob("*") if path.is_file() and path.name != "package.json"]
MODULES = [path for path in FILES if path.suffix == ".js"]


def test_every_file_is_installed_with_the_package() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["api"]
    installed = {path for pattern in patterns for path in (ROOT / "api").glob(pattern)}
    assert set(FILES) <= installed


def test_it_is_small_and_so_are_its_modules() -> None:
    assert sum(path.stat().st_size for path in FILES) < 170_000
    assert max(len(path.read_text().splitlines()) for path in MODULES) < 300


def test_text_never_becomes_markup_or_code() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    assert not [path.name for path in MODULES if forbidden.search(path.read_text())]
    index = (PAGE / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", index)


def test_nothing_is_asked_of_anybody_else() -> None:
    known = {"http://www.w3.org/2000/svg"}
    assert {url for path in FILES for url in re.findall(r"https?://[^\s\"'`)]+", path.read_text())} <= known
