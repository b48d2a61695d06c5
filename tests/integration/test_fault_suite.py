"""The short core of the fault suite (`make faults` runs all of it, with its bounds)."""

from pathlib import Path

import pytest

from tests.faults.row import Row, Run
from tests.faults.suite import ROWS

CORE = [row for row in ROWS.values() if row.core]


@pytest.mark.parametrize("row", CORE, ids=lambda row: f"row {row.number}")
def test_row(row: Row, tmp_path: Path) -> None:
    run = Run(tmp_path, short=True)
    try:
        row.run(run)
    finally:
        run.service.stop()
