"""Hooks of MkDocs, which add the READMEs and their pictures to the site, and convert links."""

from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from deploy.site.layout import BORROWED, ROOT, source_of
from deploy.site.links import external, for_the_site, links, resolve


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages and pictures that are outside of `docs/`."""
    for source, place in BORROWED.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
        for link in links((ROOT / source).read_text("utf-8")):
            picture = resolve(source, link.target)
            if link.image and not external(link) and not picture.startswith("docs/") and picture not in files.src_uris:
                files.append(File.generated(config, picture, abs_src_path=str(ROOT / picture)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: Any, files: Files) -> str:  # noqa: ARG001 - as MkDocs calls it
    """Return a page with converted links."""
    place = page.file.src_uri
    return for_the_site(markdown, source_of(place), place)
