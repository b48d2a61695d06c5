"""Files to send as jobs, and the rows that should come back."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.asking import expected


def write_csv(path: Path, texts: Sequence[str]) -> Path:
    """Write a table with an id, the texts, and a number."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "review", "stars"])
        writer.writerows([i, text, i % 5] for i, text in enumerate(texts))
    return path


def labelled(texts: Sequence[str]) -> list[list[str]]:
    """Return the rows of that table with their labels and scores."""
    rows = [["id", "review", "stars", "label", "score"]]
    for i, text in enumerate(texts):
        first = expected(text)[0]
        rows.append([str(i), text, str(i % 5), first["label"], repr(first["score"])])
    return rows


def read_csv(download: Any) -> list[list[str]]:
    """Return the rows of a table that the browser has saved."""
    return read_table(Path(download.path()))


def read_table(path: Path) -> list[list[str]]:
    """Return a table's rows; JavaScript writes numbers otherwise, so scores are read and written again."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    return [[*row[:-1], repr(float(row[-1]))] if index else row for index, row in enumerate(rows)]


def read_ndjson(download: Any) -> list[dict[str, Any]]:
    """Return the objects of an NDJSON file that the browser has saved."""
    return [json.loads(line) for line in Path(download.path()).read_text(encoding="utf-8").splitlines()]


def download(page: Any, kind: str) -> Any:
    """Save the result of the only job on a page, as CSV or NDJSON."""
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"Download {kind}").click()
    return saved.value
