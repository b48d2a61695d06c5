import sys
import time

import pytest

from tests.k8s import cluster, service
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
    """A release that answers: the one of an earlier row, or a new one."""
    if not cluster.installed():
        run.say("no release yet: installing it")
        cluster.install(run.say)
        until(lambda: service.answers(service.API, "/project", "the first"), "the first answer", 5 * MINUTES)
