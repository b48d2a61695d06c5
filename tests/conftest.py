from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.support.keys import check_every_server
from tests.support.redis import described_servers
from tests.support.rows import row_of
from tests.support.sentinel import HOSTS, FailoverBroker, Host
from tests.support.users import all_denials

ALONE: Final = ("bench", "faults", "load")
"""Folders with tests that measure speed, or load the machine to its limit; nothing else runs beside them."""


def pytest_report_header() -> str:
    """Name the Redis servers with their versions."""
    return f"servers: {described_servers()}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that run alone, keep each module in one process, and leave out rows without a short form.

    A row without a short form runs only by its suite's own command. Modules stay together for their fixtures' sake.
    """
    for item in items:
        module = item.path.relative_to(config.rootpath / "tests")
        if module.parts[0] in ALONE:
            item.add_marker("alone")
        item.add_marker(pytest.mark.xdist_group(str(module)))
    if config.pluginmanager.has_plugin("tests.support.rows"):
        return
    left = [item for item in items if (row := row_of(item)) and not row.core]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Check the keys on every server that a passed test leaves running, and that no part was denied anything."""
    try:
        result = yield
    except Exception as error:
        error.add_note("\n".join(all_denials()))
        raise
    denied = all_denials()
    assert not denied, denied
    check_every_server()
    return result


@pytest.fixture
def hosts() -> Sequence[Host]:
    """Places of the servers of `broker`; modules may choose others."""
    return HOSTS


@pytest.fixture
def certificates() -> Path | None:
    """Folder with the certificates of `broker`, if it uses TLS."""
    return None


@pytest.fixture
def broker(tmp_path: Path, hosts: Sequence[Host], certificates: Path | None) -> Iterator[FailoverBroker]:
    """A broker that fails over, with a server and a Sentinel in each place; it is not started."""
    broker = FailoverBroker(tmp_path / "broker", hosts, certificates)
    yield broker
    broker.stop()
