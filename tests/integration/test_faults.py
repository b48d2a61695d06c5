"""Parts that die while somebody waits. No latency is asserted: only that every request ends, and ends well."""

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.support.asking import ask_all, expected
from tests.support.service import PRODUCT_CACHE_TIMEOUT, Service
from tests.support.waiting import wait_for


def test_a_worker_killed_mid_request(service: Service) -> None:
    first = service.start_worker()
    api = service.start_api()
    service.hold()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(api.predict, "interrupted")
        wait_for(lambda: service.count("interrupted"), "the inference to begin")
        first.kill()
        assert asked.result().status_code == 504
    service.release()
    service.start_worker()
    assert api.predict("interrupted").json()["predictions"] == [expected("interrupted")]


def test_a_model_process_killed_mid_request_is_replaced(service: Service) -> None:
    worker = service.start_worker(worker_processes="1")
    api = service.start_api(deadline="30")
    before = service.announced()
    service.hold()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(api.predict, "handed out again")
        wait_for(lambda: service.count("handed out again"), "the inference to begin")
        for child in psutil.Process(worker.pid).children(recursive=True):
            os.kill(child.pid, signal.SIGKILL)
        service.release()
        response = asked.result()
    assert worker.alive
    assert response.json()["predictions"] == [expected("handed out again")]
    wait_for(lambda: service.announced() - before, "the new process to announce itself")


def test_a_stopped_worker_finishes_what_runs_and_leaves_at_once(service: Service) -> None:
    worker = service.start_worker()
    api = service.start_api(deadline="30")
    service.hold()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(api.predict, "almost done")
        wait_for(lambda: service.count("almost done"), "the inference to begin")
        worker.signal(signal.SIGTERM)
        service.release()
        assert asked.result().json()["predictions"] == [expected("almost done")]
        assert worker.wait() == 0
    assert not service.announced()
    wait_for(lambda: api.predict("nobody there").status_code == 503, "the API to know")
    refusal = api.predict("nobody there")
    assert refusal.json()["type"] == "urn:sentiment:problem:no-worker"
    assert int(refusal.headers["retry-after"]) >= 1
    assert api.predict("almost done").status_code == 200, "a hit needs no worker"
    service.start_worker()
    assert not service.count("nobody there"), "what was refused is never computed later"


def test_both_redis_restarted(any_service: Service) -> None:
    service = any_service
    worker = service.start_worker()
    api = service.start_api()
    assert api.predict("hot").status_code == 200
    service.broker.kill()
    service.cache.kill()
    wait_for(lambda: not api.healthy(), "the outage to be noticed")
    assert api.predict("hot").status_code == 200
    cold = api.predict("cold")
    assert cold.status_code == 503
    assert cold.json()["type"] == "urn:sentiment:problem:queue-unavailable"
    assert (api.client.get("/livez").status_code, api.client.get("/readyz").status_code) == (200, 200)
    service.broker.start()
    service.cache.start()
    wait_for(api.healthy, "the service to recover", 60)
    wait_for(lambda: api.predict("cold").status_code == 200, "a miss to be answered", 60)
    assert worker.alive
    assert api.process.alive


def test_a_frozen_cache_is_done_without(service: Service) -> None:
    service.start_worker(cache_timeout=PRODUCT_CACHE_TIMEOUT)
    api = service.start_api(cache_timeout=PRODUCT_CACHE_TIMEOUT)
    service.cache.pause()
    assert api.predict("without a cache").json()["predictions"] == [expected("without a cache")]
    wait_for(lambda: "cache" in api.client.get("/health").json().get("detail", ""), "health to say so")
    service.cache.resume()
    wait_for(api.healthy, "the cache to be back")


def test_a_frozen_broker_refuses_and_recovers(service: Service) -> None:
    service.start_worker()
    api = service.start_api()
    service.broker.pause()
    assert api.predict("while frozen").status_code == 503
    service.broker.resume()
    wait_for(lambda: api.predict("after the thaw").status_code == 200, "the broker to be back")


def test_an_api_process_killed_with_requests_in_flight_leaves_nothing_stuck(service: Service) -> None:
    service.start_worker()
    doomed, other = service.start_api(deadline="30"), service.start_api(deadline="30")
    service.hold()
    texts = [f"in flight {i}" for i in range(20)]

    async def scenario() -> None:
        with pytest.raises(httpx.TransportError):
            await ask_all([doomed.url], [[text] for text in texts])

    with ThreadPoolExecutor() as pool:
        lost = pool.submit(asyncio.run, scenario())
        wait_for(service.calls, "an inference to begin")
        doomed.process.kill()
        lost.result()
        service.release()
    assert other.predict(*texts).json()["predictions"] == [expected(text) for text in texts]


def test_subscriptions_cut_with_waiters(service: Service) -> None:
    service.start_worker()
    api = service.start_api(deadline="30")
    service.hold()
    texts = [f"waiting {i}" for i in range(50)]

    async def scenario() -> list[httpx.Response]:
        asking = asyncio.create_task(ask_all([api.url], [[text] for text in texts]))
        await asyncio.to_thread(wait_for, service.calls, "an inference to begin")
        with service.broker.client() as broker:
            assert broker.client_kill_filter(_type="pubsub")
        service.release()
        return await asking

    for text, response in zip(texts, asyncio.run(scenario()), strict=True):
        assert response.json()["predictions"] == [expected(text)]


def test_too_much_work_for_the_deadline_is_refused_for_good(service: Service) -> None:
    service.environment["TEST_ENGINE_SECONDS"] = "0.05"
    service.start_worker()
    api = service.start_api()
    response = api.predict(*(f"{i} {'word ' * 600}" for i in range(128)))
    assert response.status_code == 413
    assert response.json()["jobs"] == "/project/jobs"
    assert not service.calls()


def test_a_queue_too_deep_to_answer_in_time_refuses_at_once(service: Service) -> None:
    service.environment["TEST_ENGINE_SECONDS"] = "0.05"
    service.start_worker()
    api = service.start_api()
    batches = [[f"{request} {i} {'word ' * 10}" for i in range(10)] for request in range(20)]
    responses = asyncio.run(ask_all([api.url], batches))
    refused = [response for response in responses if response.status_code == 503]
    assert refused
    assert {response.status_code for response in responses} <= {200, 503}
    assert all(response.json()["type"] == "urn:sentiment:problem:overloaded" for response in refused)
    assert all(int(response.headers["retry-after"]) >= 1 for response in refused)
    assert any(response.status_code == 200 for response in responses)


def test_unstarted_work_is_dropped_at_the_deadline(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api(deadline="1")
    service.hold()
    with ThreadPoolExecutor() as pool:
        running = pool.submit(api.predict, "started")
        wait_for(lambda: service.count("started"), "the first to begin")
        waiting = pool.submit(api.predict, "never started")
        assert (running.result().status_code, waiting.result().status_code) == (504, 504)
    service.release()
    wait_for(lambda: api.predict("started").headers["cache-status"] == "sentiment; hit", "what began to be cached")
    assert api.predict("a later one").status_code == 200, "the queue behind the dropped text has been worked off"
    assert not service.count("never started")
