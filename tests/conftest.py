from collections.abc import Generator

import pytest

from tests.support.keys import check_every_server
from tests.support.rows import row_of


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave a suite's rows without a short form to the suite's own command."""
    if config.pluginmanager.has_plugin("tests.support.rows"):
        return
    left = [item for item in items if (row := row_of(item)) and not row.core]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Check the keys on every server that a passed test leaves running."""
    result = yield
    check_every_server()
    return result
