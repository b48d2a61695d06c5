"""Counts of lost writes of jobs; the tests set records back, as a failover does."""

from typing import Any

import httpx
from redis import Redis

from tests.support.jobs import finished, submit
from tests.support.scrape import total
from tests.support.service import Api, Service

NAME = "sentiment_jobs_set_back_total"


def lost(api: Api) -> dict[str, float]:
    return {kind: total(api.url, NAME, lost=kind) for kind in ("job", "cancellation", "progress")}


def set_back(redis: Redis, key: str, **fields: str) -> None:
    """Write fields of a record as they were before."""
    redis.hset(key, mapping={name: value.encode() for name, value in fields.items()})


def state(api: Api, job: dict[str, Any]) -> httpx.Response:
    return api.client.get(job["urls"]["self"])


def test_a_lost_cancellation_lost_progress_and_a_lost_job_are_counted(service: Service) -> None:
    service.start_worker()
    api = service.start_api()
    service.hold("held")
    running = submit(api, ["held"]).json()
    assert api.client.delete(running["urls"]["self"]).json()["status"] == "canceled"
    done = submit(api, ["a", "b"]).json()
    assert finished(api, done)["status"] == "succeeded"
    assert lost(api) == {"job": 0, "cancellation": 0, "progress": 0}
    with service.broker.client() as redis:
        set_back(redis, service.keys.job(running["id"]), status="processing")
        set_back(redis, service.keys.job(done["id"]), status="processing", done="1")
        assert state(api, running).json()["status"] == "processing"
        assert state(api, done).json()["progress"]["done"] == 1
        assert lost(api) == {"job": 0, "cancellation": 1, "progress": 1}
        assert api.client.delete(running["urls"]["self"]).json()["status"] == "canceled"
        redis.delete(service.keys.job(done["id"]))
    assert state(api, done).status_code == httpx.codes.NOT_FOUND
    assert lost(api) == {"job": 1, "cancellation": 1, "progress": 1}
    assert api.client.get("/project/jobs/unknown").status_code == httpx.codes.NOT_FOUND
    assert lost(api)["job"] == 1
