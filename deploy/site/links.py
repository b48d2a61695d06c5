"""Links of a document: as they are in the repository, and as they must be on the site."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from deploy.site.layout import ROOT, page_of

_FENCE: Final = re.compile(r"^(```|~~~).*?^\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")


class Link(NamedTuple):
    """One link, with its place in the text."""

    start: int
    end: int
    image: bool
    text: str
    target: str
    anchor: str


def links(text: str) -> Iterator[Link]:
    """Return the links of a Markdown document; what stands in code is none."""
    fences = [match.span() for match in _FENCE.finditer(text)]
    spans = fences + [match.span() for match in _CODE.finditer(text) if not _inside(match.start(), fences)]
    for match in _LINK.finditer(text):
        if not _inside(match.start(), spans):
            target, _, anchor = match["target"].partition("#")
            yield Link(match.start(), match.end(), bool(match["image"]), match["text"], target, anchor)


def external(link: Link) -> bool:
    """Whether it leaves the repository."""
    return ":" in link.target


def resolve(source: str, target: str) -> str:
    """Return the path in the repository that a document's relative link means."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target)) if target else source


def for_the_site(text: str, source: str, page: str) -> str:
    """Return a document with its links turned into those of the site.

    A link to a file that is no page, such as source code, keeps its words alone. What does not exist is left for MkDocs
    to complain about.

    Args:
        text: the document.
        source: where it is in the repository.
        page: where it stands on the site.
    """
    parts, place = [], 0
    for link in links(text):
        parts += [text[place : link.start], _turned(text[link.start : link.end], link, source, page)]
        place = link.end
    return "".join([*parts, text[place:]])


def _turned(written: str, link: Link, source: str, page: str) -> str:
    if external(link) or not link.target:
        return written
    path = resolve(source, link.target)
    if not (ROOT / path).exists():
        return written
    place = page_of(path)
    if place is None and link.image:
        place = path
    if place is None or (ROOT / path).is_dir():
        return link.text
    target = posixpath.relpath(place, posixpath.dirname(page) or ".")
    return f"{'!' * link.image}[{link.text}]({target}{'#' * bool(link.anchor)}{link.anchor})"


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
