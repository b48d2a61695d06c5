"""Row 2: a flood of jobs."""

import pytest

from tests.k8s.flood import flood
from tests.k8s.run import Run
from tests.support.rows import row


@row(
    2,
    "a flood of jobs: bulk 0 → n → 0",
    "bulk wakes, grows and goes; synchronous requests meanwhile are all answered, 99 % within 1.8 s",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_flood(run: Run) -> None:
    flood(run, "second row")
