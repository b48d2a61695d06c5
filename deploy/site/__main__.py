"""``python -m deploy.site``: write the pages and tables that are generated from code into `docs/`."""

from collections.abc import Callable
from typing import Final

from deploy.site import commands, metrics, settings
from deploy.site.layout import DOCS

MADE: Final[dict[str, Callable[[], str]]] = {
    "reference/settings.md": settings.page,
    "reference/commands.md": commands.page,
    metrics.PAGE: metrics.page,
}
"""Makers of the generated pages, by path."""


def main() -> None:
    """Write all generated pages."""
    for name, make in MADE.items():
        (DOCS / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
