"""The clients of other servers, as published, against the running product: what each makes of each situation."""

import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.clients.conftest import KEY
from tests.clients.known import CLIENTS, MORE, Client, Driver, documented
from tests.support.asking import expected
from tests.support.service import Api, Service

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]
ASKED = CLIENTS + MORE if os.environ.get("CLIENTS") == "all" else CLIENTS
each = pytest.mark.parametrize("client", ASKED, ids=lambda client: client.name.replace("`", ""))
LABELS = ["NEGATIVE", "POSITIVE"]
REASONS = {
    "too long": "at most 10000 characters",
    "overload": "The queue is too deep to answer in time.",
    "wrong key": "Send a valid API key",
    "no worker": "No worker is there to compute the answer.",
}
_FLOOD, _BATCH, _WORDS = 60, 40, 100


def answer(client: Client, text: str) -> Any:
    """Return the right answer to a text, as a client's driver tells it; scores may be rounded."""
    best = expected(text)
    if client.numbered:
        return [[str(LABELS.index(best[0]["label"])), 1.0]]
    return [[entry["label"], pytest.approx(entry["score"], abs=1e-6)] for entry in best[: client.labels]]


def hold_against(client: Client, situation: str, said: dict[str, Any]) -> None:
    """Compare the outcome of a call with the document's table, and see that the reason is not hidden."""
    assert REASONS[situation] in said["message"], said
    outcome = f"`{said['raised']}`" + (f" {said['status']}" if said["status"] else "")
    assert documented(client)[situation] == outcome, said["message"]


@each
def test_answers(client: Client, api: Api, open_api: Api) -> None:
    texts = [f"{uuid4()} größer ☃", str(uuid4())]
    with Driver(client, api.url if client.key else open_api.url, KEY) as driver:
        for _ in range(2):  # computed, then from memory
            assert driver.ask(texts[0]) == {"answer": [answer(client, texts[0])]}
            assert driver.ask(*texts) == {"answer": [answer(client, text) for text in texts]}
        if client.top_k:
            assert driver.ask(texts[0], top_k=1) == {"answer": [answer(client, texts[0])[:1]]}
        assert driver.ask("") == {"answer": [answer(client, "")]}
        hold_against(client, "too long", driver.ask("a" * 10_001))
    assert client.answers.items() <= documented(client).items()


@each
def test_a_wrong_key(client: Client, api: Api) -> None:
    with Driver(client, api.url, "wrong") as driver:
        hold_against(client, "wrong key", driver.ask("hello"))


@each
def test_no_worker(client: Client, lonely: Api) -> None:
    with Driver(client, lonely.url, KEY) as driver:
        hold_against(client, "no worker", driver.ask("hello"))


@each
def test_an_overload(client: Client, service: Service, open_api: Api) -> None:
    with Driver(client, open_api.url, KEY) as driver:
        driver.ask("begin to work")
        with overload(service, open_api):
            hold_against(client, "overload", driver.ask(f"{uuid4()} {'word ' * 2 * _WORDS}"))


@contextmanager
def overload(service: Service, api: Api) -> Iterator[None]:
    """Fill the queue, while no text is computed, until the service refuses one text of `_WORDS` words."""

    def fill(texts: int) -> httpx.Response:
        return api.predict(*(f"{uuid4()} {'word ' * _WORDS}" for _ in range(texts)))

    service.hold()
    try:
        with ThreadPoolExecutor(2 * _FLOOD) as pool:
            try:
                for texts in (_BATCH, 1):
                    asked = [pool.submit(fill, texts) for _ in range(_FLOOD)]
                    (first, *_), _ = wait(asked, return_when=FIRST_COMPLETED)
                    assert first.result().json()["type"] == "urn:sentiment:problem:overloaded", first.result().text
                yield
            finally:
                service.release()
    finally:
        service.release()
