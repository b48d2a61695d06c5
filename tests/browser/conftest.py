"""A real browser in front of the real product; an error or warning in the console fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.visitor import Visitor, chromium
from tests.support.served import api, service, shared_service
from tests.support.service import Api

Visit = Callable[..., Visitor]

__all__ = ["api", "browser", "service", "shared_service", "visit"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """Open a page of a service as a new person: `visit(api, "#jobs", phone=True, scheme="dark")`."""
    visitors: list[Visitor] = []

    def open_page(api: Api, fragment: str = "", **person: Any) -> Visitor:
        visitor = Visitor(browser, api.url, **person)
        visitors.append(visitor)
        visitor.page.goto(f"{api.url}/{fragment}")
        return visitor

    yield open_page
    complaints = [visitor.leave() for visitor in visitors]
    assert not any(complaints), complaints
