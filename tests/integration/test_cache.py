"""Cache, claim and queue: who computes what, and how often."""

import asyncio
import random

import psutil
import pytest

from tests.support.asking import ask_all, expected
from tests.support.service import Api, Service
from tests.support.waiting import wait_for


def test_a_half_cached_batch_computes_only_what_is_missing(any_service: Service) -> None:
    any_service.start_worker()
    api = any_service.start_api()
    known, fresh = [f"known {i}" for i in range(8)], [f"fresh {i}" for i in range(8)]
    api.predict(*known)
    mixed = [text for pair in zip(known, fresh, strict=True) for text in pair]
    response = api.predict(*mixed)
    assert response.json()["predictions"] == [expected(text) for text in mixed]
    assert response.headers["cache-status"] == 'sentiment; fwd=miss; detail="hits=8 misses=8"'
    assert all(any_service.count(text) == 1 for text in mixed)


def test_another_api_process_finds_the_answers(service: Service) -> None:
    worker = service.start_worker()
    service.start_api().predict("shared by all")
    other = service.start_api()
    wait_for(lambda: service.stored("shared by all"), "the answer to be stored")
    worker.terminate()
    response = other.predict("shared by all")
    assert response.json()["predictions"] == [expected("shared by all")]
    assert response.headers["cache-status"] == "sentiment; hit"
    assert ';desc="redis=1"' in response.headers["server-timing"]
    assert "desc" not in other.predict("shared by all").headers["server-timing"], "it holds the answer itself now"
    assert service.count("shared by all") == 1


@pytest.mark.timeout(240)
def test_a_thousand_identical_requests_are_one_inference(service: Service) -> None:
    service.start_worker()
    apis = [service.start_api(deadline="60") for _ in range(2)]
    service.hold()

    async def scenario() -> None:
        asking = asyncio.create_task(ask_all([api.url for api in apis], [["the one"]] * 1000, connections=1000))
        await asyncio.to_thread(wait_for, lambda: service.count("the one"), "the engine to be asked")
        await asyncio.to_thread(wait_for, lambda: all_wait(apis, 1000), "all to wait", every=0.1)
        service.release()
        for response in await asking:
            assert response.status_code == 200
            assert response.json() == {"predictions": [expected("the one")]}

    asyncio.run(scenario())
    assert service.count("the one") == 1


def all_wait(apis: list[Api], requests: int) -> bool:
    """Whether the processes hold so many client connections; each carries one request that has no answer yet."""
    held = 0
    for api in apis:
        connections = psutil.Process(api.process.pid).net_connections("tcp")
        held += sum(1 for c in connections if c.status == psutil.CONN_ESTABLISHED and c.laddr.port == api.port)
    return held >= requests


@pytest.mark.timeout(300)
def test_no_answer_is_ever_swapped(service: Service) -> None:
    service.start_worker()
    urls = [service.start_api().url for _ in range(2)]
    rng = random.Random(5)
    pool = [f"text number {i} {'x' * (i % 50)}" for i in range(2000)]
    batches = [rng.choices(pool, k=rng.choice([1, 1, 1, 2, 5])) for _ in range(5000)]
    responses = asyncio.run(ask_all(urls, batches, connections=16))
    assert {response.status_code for response in responses} == {200}
    for batch, response in zip(batches, responses, strict=True):
        assert response.json()["predictions"] == [expected(text) for text in batch]
    asked = service.calls()
    assert len(asked) == len(set(asked)), "a text was computed twice"


def test_identical_texts_of_one_batch_are_computed_once(service: Service) -> None:
    service.start_worker()
    api = service.start_api()
    response = api.predict(*["again and again"] * 50)
    assert response.json()["predictions"] == [expected("again and again")] * 50
    assert service.count("again and again") == 1
