"""Every link of every document leads somewhere."""

import re
from functools import cache

import pytest

from deploy.site.layout import ROOT
from deploy.site.links import external, links, resolve
from tests.docs.documents import all_documents, read

_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = all_documents()


@cache
def _anchors(document: str) -> set[str]:
    """Return the names of a document's headings, as GitHub and MkDocs make them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", read(document))):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        name = base = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        number = 0
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.add(name)
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    for link in links(read(document)):
        if external(link):
            assert link.target.startswith("https://"), f"{link.target} in {document}"
            continue
        path = resolve(document, link.target)
        assert (ROOT / path).exists(), f"{document} links to {path}"
        if link.anchor:
            assert link.anchor in _anchors(path), f"{document} links to {path}#{link.anchor}"


def test_there_are_documents() -> None:
    assert {"README.md", "docs/tutorial.md", "charts/README.md"} <= set(DOCUMENTS)
