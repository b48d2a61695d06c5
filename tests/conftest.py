from collections.abc import Generator

import pytest

from tests.support.keys import check_every_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """After each test that has passed, look at the keys on the servers that it leaves running."""
    result = yield
    check_every_server()
    return result
