"""The page's modules that need no browser, under Node."""

from pathlib import Path

import pytest

from tests.load.running import run_node

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["corpus", "labels", "outcome", "table"])
def test_its_own_tests_under_node(name: str) -> None:
    done = run_node("--test", HERE / f"{name}.test.js")
    assert done.returncode == 0, done.stdout + done.stderr
