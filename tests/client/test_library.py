"""The library, synchronous and asynchronous: both run the same code, and give the same."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest

from client import AsyncSentimentClient, Job, Prediction, SentimentClient, ServingEngine, TextFailure, WaitTimeoutError
from tests.client.both import CLIENTS, predicted
from tests.support.cutter import cutter
from tests.support.scrape import total
from tests.support.service import Api, Service


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, api: Api) -> Iterator[Any]:
    with CLIENTS[request.param](api.url) as client:
        yield client


def test_predictions(client: Any) -> None:
    assert client.predict("one sentence") == predicted("one sentence")
    batch = client.predict_batch(["first", "second", "first"])
    assert list(batch.outcomes) == [predicted("first"), predicted("second"), predicted("first")]
    assert batch.request_id
    again = client.predict_batch(["first", "second"])
    assert (again.computed, list(again.outcomes)) == (0, [predicted("first"), predicted("second")])
    assert list(client.predict_batch([]).outcomes) == []


def test_many_in_batches_in_order(client: Any) -> None:
    texts = [f"many {i}" for i in range(300)]
    texts[7], texts[200], texts[201] = "raise-error", "x" * 10_001, "\ud800"
    outcomes = list(client.predict_many(iter(texts)))
    assert len(outcomes) == 300
    failures = {i: outcome.code for i, outcome in enumerate(outcomes) if isinstance(outcome, TextFailure)}
    assert failures == {7: "inference-failed", 200: "text-too-long", 201: "not-unicode"}
    assert all(outcomes[i] == predicted(text) for i, text in enumerate(texts) if i not in failures)
    assert [o.code for o in client.predict_many(["raise-error", "raise-error too"])] == ["inference-failed"] * 2


def test_a_job_from_submission_to_results(client: Any) -> None:
    texts = [f"job {i}" for i in range(50)]
    job = client.submit(texts, idempotency_key=f"library-{type(client).__name__}")
    assert (job.status, job.total, job.ended, job.replayed) == ("queued", 50, False, False)
    states: list[Job] = list(client.watch(job.id))
    assert (states[-1].status, states[-1].done) == ("succeeded", 50)
    assert [state.done for state in states] == sorted(state.done for state in states)
    assert client.wait(job.id) == client.job(job.id) == states[-1]
    assert list(client.results(job.id)) == [predicted(text) for text in texts]
    assert list(client.results(job.id, offset=48)) == [predicted("job 48"), predicted("job 49")]
    assert list(client.results(job.id, offset=50)) == []
    again = client.submit(texts, idempotency_key=f"library-{type(client).__name__}")
    assert (again.id, again.replayed) == (job.id, True)


def test_any_number_by_jobs(client: Any) -> None:
    texts = [f"by jobs {i}" for i in range(100)]
    seen: list[Job] = []
    outcomes = list(client.predict_in_jobs(iter(texts), job_texts=30, listener=seen.append))
    assert outcomes == [predicted(text) for text in texts]
    assert len({job.id for job in seen}) == 4
    assert list(client.predict_in_jobs([])) == []


def test_what_the_service_says_of_itself(client: Any, api: Api) -> None:
    health = client.health()
    assert (health.ok, health.parts) == (True, {"broker": "ok", "cache": "ok", "worker": "ok"})
    assert health.engines == (ServingEngine("steered", "by-files", 2),)
    service = client.service()
    assert (service.version, service.max_texts, service.max_job_texts, service.max_chars) == (
        "0.1.0", 128, 10_000, 10_000,
    )  # fmt: skip
    assert "sentiment_up" in client.metrics()


def test_limits_of_the_service_are_kept(service: Service) -> None:
    service.start_worker()
    api = service.start_api(max_texts="3", max_chars="20", max_job_texts="4")
    with SentimentClient(api.url) as client:
        outcomes = list(client.predict_many([f"small {i}" for i in range(8)] + ["x" * 21]))
        assert outcomes[:8] == [predicted(f"small {i}") for i in range(8)]
        assert outcomes[8] == TextFailure("text-too-long", "The text has 21 characters; the service takes 20.")
        assert len(list(client.predict_in_jobs([f"small {i}" for i in range(9)]))) == 9
    assert total(api.url, "sentiment_http_requests_total", status="422") == 0
    assert total(api.url, "sentiment_http_requests_total", route="/project/jobs") == 3


def test_limits_that_the_service_does_not_tell(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind an older service, or a proxy that hides its description, refusals teach the same."""
    service.start_worker()
    api = service.start_api(max_texts="3", max_chars="20")
    monkeypatch.setattr("client.core._DESCRIPTION", "hidden.json")
    with SentimentClient(api.url) as client:
        assert client.service().version == ""
        outcomes = list(client.predict_many([f"small {i}" for i in range(8)] + ["x" * 21]))
        assert outcomes[:8] == [predicted(f"small {i}") for i in range(8)]
        assert outcomes[8] == TextFailure("invalid-text", "String should have at most 20 characters")
        by_jobs = list(client.predict_in_jobs(["fine", "y" * 21, "fine too"]))
        assert by_jobs == [
            predicted("fine"),
            TextFailure("invalid-text", "String should have at most 20 characters"),
            predicted("fine too"),
        ]


def test_too_much_for_one_request_is_cut(service: Service) -> None:
    """Work that could not be done before the deadline goes in smaller batches."""
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    service.start_worker(worker_processes="1")
    api = service.start_api(deadline="0.4")
    texts = [f"slow and long enough to count for something {i}" for i in range(40)]
    with SentimentClient(api.url, timeout=60) as client:
        list(client.predict_many(texts[:1]))
        assert list(client.predict_many(texts)) == [predicted(text) for text in texts]
    assert total(api.url, "sentiment_problems_total", code="too-much-work") > 0


def test_waiting_within_a_time(service: Service) -> None:
    service.hold()
    service.start_worker()
    api = service.start_api()
    with SentimentClient(api.url) as client:
        job = client.submit(["held"])
        with pytest.raises(WaitTimeoutError):
            client.wait(job.id, within=1.2)
        assert client.cancel(job.id).status == "canceled"
        assert list(client.results(job.id)) == [None]


def test_connections_are_kept(api: Api) -> None:
    with cutter(api.port) as proxy, SentimentClient(proxy.url) as client:
        for i in range(20):
            client.predict(f"kept {i}")
        assert proxy.accepted == 1


def test_an_answer_that_breaks_is_asked_for_again(api: Api) -> None:
    with cutter(api.port) as proxy, SentimentClient(proxy.url) as client:
        client.service()
        proxy.cuts = 3
        assert client.predict("broken") == predicted("broken")
        assert proxy.made == 3


def test_an_asynchronous_generator_may_be_left_early(api: Api) -> None:
    async def first() -> Any:
        async with AsyncSentimentClient(api.url) as client, aclosing(client.predict_in_jobs(["a", "b"])) as outcomes:
            return await anext(outcomes)

    assert asyncio.run(first()) == predicted("a")


def test_many_at_once(api: Api) -> None:
    async def all_of_them() -> list[Prediction]:
        async with AsyncSentimentClient(api.url, timeout=60) as client:
            return await asyncio.gather(*(client.predict(f"at once {i}") for i in range(150)))

    before = total(api.url, "sentiment_http_requests_total", route="/project/openapi.json")
    assert asyncio.run(all_of_them()) == [predicted(f"at once {i}") for i in range(150)]
    after = total(api.url, "sentiment_http_requests_total", route="/project/openapi.json")
    assert after - before == 1
