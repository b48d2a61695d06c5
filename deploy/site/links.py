"""The links of a document, and their conversion from the repository to the site."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from deploy.site.layout import ROOT, page_of

_FENCE: Final = re.compile(r"^(```|~~~).*?^\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")


class Link(NamedTuple):
    """A link, with its position in the text."""

    start: int
    end: int
    image: bool
    text: str
    target: str
    anchor: str


def links(text: str) -> Iterator[Link]:
    """Yield the links of a Markdown document, without those in code."""
    fences = [match.span() for match in _FENCE.finditer(text)]
    spans = fences + [match.span() for match in _CODE.finditer(text) if not _inside(match.start(), fences)]
    for match in _LINK.finditer(text):
        if not _inside(match.start(), spans):
            target, _, anchor = match["target"].partition("#")
            yield Link(match.start(), match.end(), bool(match["image"]), match["text"], target, anchor)


def external(link: Link) -> bool:
    """Whether a link leads out of the repository."""
    return ":" in link.target


def resolve(source: str, target: str) -> str:
    """Return the path in the repository to which a relative link leads."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target)) if target else source


def for_the_site(text: str, source: str, page: str) -> str:
    """Return a document with its links converted for the site.

    A link to a file that is not a page, such as source code, becomes plain text. A link to a missing file is not
    changed, so that MkDocs reports it.

    Args:
        text: the document.
        source: its path in the repository.
        page: its path on the site.
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
