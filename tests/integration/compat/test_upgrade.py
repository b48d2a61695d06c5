"""An upgrade from the release before under load, workers first or the API first: no answer is lost or wrong."""

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import pytest

from tests.faults.flood import Flood
from tests.integration.compat.test_release_before import RELEASE
from tests.support.asking import expected
from tests.support.process import Process
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

_ASKERS: Final = 4
_TEXTS: Final = 3
_ANSWERS: Final = 60
"""Answers under load between two steps of the upgrade."""


class Load:
    """Asks for new and known texts in threads, as a context, through the API processes that a balancer would use.

    Args:
        api: the API process to begin with.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.answers: list[tuple[list[str], int, Any]] = []
        """Texts, status and JSON of each answer."""
        self._numbers = count()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(_ASKERS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on(self) -> None:
        """Wait until some more requests have been answered."""
        wanted = len(self.answers) + _ANSWERS
        wait_for(lambda: len(self.answers) >= wanted, "answers under load")

    def move(self, api: Api) -> None:
        """Send all further requests to another API process, and wait until the other one has answered its last."""
        with self._lock:
            self.api = api
        self.go_on()

    def _ask(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                api, number = self.api, next(self._numbers)
            texts = [f"under load {max(0, number - back)}" for back in range(_TEXTS)]
            response = api.predict(*texts)
            self.answers.append((texts, response.status_code, response.json()))


class Upgrade:
    """The steps of an upgrade."""

    def __init__(self, folder: Path, before: Path) -> None:
        self.service = Service(folder)
        self.service.code |= {"api": before, "worker": before}
        self._worker: Process = self.service.start_worker(worker_processes="1")
        self.api = self.service.start_api(page="false")

    def workers(self, load: Load) -> None:
        """Start a worker of this release beside the old one, and stop that."""
        del self.service.code["worker"]
        self.service.start_worker(worker_processes="1")
        load.go_on()
        assert self._worker.terminate() == 0

    def apis(self, load: Load) -> None:
        """Start an API process of this release, move the load to it, and stop the old one."""
        del self.service.code["api"]
        old, self.api = self.api, self.service.start_api(page="false")
        load.move(self.api)
        assert old.process.terminate() == 0


@pytest.fixture
def upgrade(tmp_path: Path) -> Iterator[Upgrade]:
    with ZipFile(RELEASE) as release:
        release.extractall(tmp_path / "release")
    upgrade = Upgrade(tmp_path, tmp_path / "release")
    yield upgrade
    upgrade.service.stop()


@pytest.mark.parametrize(
    "order", [(Upgrade.workers, Upgrade.apis), (Upgrade.apis, Upgrade.workers)], ids=["workers first", "API first"]
)
def test_nothing_is_lost_and_nothing_is_wrong(
    upgrade: Upgrade, order: tuple[Callable[[Upgrade, Load], None], ...]
) -> None:
    floods: list[Flood] = []
    with Load(upgrade.api) as load:
        load.go_on()
        for step in order:
            with Flood(upgrade.api, texts=50, most=5) as flood:
                wait_for(lambda: flood.accepted, "a job to be accepted")
            floods.append(flood)
            step(upgrade, load)
            load.go_on()
    wrong = [
        (status, answer)
        for texts, status, answer in load.answers
        if (status, answer) != (200, {"predictions": [expected(text) for text in texts]})
    ]
    assert wrong == []
    for flood in floods:
        flood.verify(upgrade.api, 60)
