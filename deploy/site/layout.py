"""The documents outside of `docs/` that are pages of the site."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"

BORROWED: Final = {
    "README.md": "index.md",
    "charts/README.md": "borrowed/chart.md",
    "load/README.md": "borrowed/load.md",
    "tests/faults/README.md": "borrowed/faults.md",
    "tests/k8s/README.md": "borrowed/cluster.md",
    "SECURITY.md": "borrowed/security.md",
    "CONTRIBUTING.md": "borrowed/contributing.md",
    "CHANGELOG.md": "borrowed/changelog.md",
}
"""Path on the site of each of these documents, by its path in the repository."""


def page_of(path: str) -> str | None:
    """Return the path on the site of a document of the repository; None if it is not a page."""
    if path in BORROWED:
        return BORROWED[path]
    return path.removeprefix("docs/") if path.startswith("docs/") else None


def source_of(page: str) -> str:
    """Return the path in the repository of a page of the site."""
    return next((source for source, place in BORROWED.items() if place == page), f"docs/{page}")
