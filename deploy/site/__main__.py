"""``python -m deploy.site``: write the pages that are made from code into `docs/reference/`."""

from collections.abc import Callable
from typing import Final

from deploy.site import commands, settings
from deploy.site.layout import DOCS

MADE: Final[dict[str, Callable[[], str]]] = {
    "reference/settings.md": settings.page,
    "reference/commands.md": commands.page,
}
"""By page, what makes it."""


def main() -> None:
    """Write them."""
    for name, make in MADE.items():
        (DOCS / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
