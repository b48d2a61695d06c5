import sys
import time

import pytest

from tests.k8s import broker, cluster, service
from tests.k8s.run import DELIVER, MINUTES, Run, until
from tests.support.rows import OBSERVED


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """A row under way: progress goes to standard error, notes into the table."""
    began = time.monotonic()

    def say(line: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - began:5.0f} s  {line}\n")

    def note(fact: str) -> None:
        request.node.user_properties.append((OBSERVED, fact))
        say(fact)

    return Run(say, note)


@pytest.fixture(scope="session", autouse=True)
def _fresh() -> None:
    """No release of an earlier run: it would know this one's texts and jobs already."""
    cluster.clear()


@pytest.fixture(scope="session")
def images(request: pytest.FixtureRequest) -> None:
    """The images of the release, delivered once for all rows."""
    request.config.stash[DELIVER]()


@pytest.fixture
def namespace() -> None:
    """The test's namespace."""
    cluster.require_namespace()


@pytest.fixture
def release(images: None, run: Run) -> None:
    """A release that answers, whose broker is one pod: the one of an earlier row, or a new one."""
    if cluster.broker_pods() != 1:
        _install(run)


@pytest.fixture
def sentinels(images: None, run: Run) -> None:
    """A release that answers, whose broker fails over: the one of an earlier row, or a new one."""
    if cluster.broker_pods() != cluster.MOST_BROKER_PODS:
        _install(run, **broker.SENTINEL)
    broker.settle()


@pytest.fixture
def any_release(request: pytest.FixtureRequest) -> None:
    """The release of an earlier row, or a new one."""
    if not cluster.broker_pods():
        request.getfixturevalue("release")


def _install(run: Run, **more: str) -> None:
    run.say("no such release yet: installing it")
    cluster.install(run.say, **more)
    until(lambda: service.answers(service.API, "/project", "the first"), "the first answer", 5 * MINUTES)
