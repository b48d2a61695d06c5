"""How processes begin and end, as whoever operates them sees it."""

import json
import signal

from tests.support.asking import expected
from tests.support.service import Service
from tests.support.waiting import wait_for


def test_a_draining_api_says_so_and_still_answers(service: Service) -> None:
    service.start_worker()
    api = service.start_api(drain="600")
    assert api.client.get("/readyz").status_code == 200
    api.process.signal(signal.SIGTERM)
    wait_for(lambda: api.client.get("/readyz").status_code == 503, "the API to drain")
    assert api.client.get("/livez").status_code == 200
    assert api.predict("still answered").json()["predictions"] == [expected("still answered")]
    api.process.signal(signal.SIGTERM)
    assert api.process.wait() == 0


def test_health_tells_a_worker_that_lives_from_one_that_works(service: Service) -> None:
    worker = service.start_worker(worker_processes="1")
    api = service.start_api()
    wait_for(api.healthy, "the path to be healthy")
    worker.terminate()
    wait_for(lambda: not api.healthy(), "the path to be missing a worker")
    health = api.client.get("/health")
    assert health.status_code == 503
    assert health.headers["content-type"] == "application/problem+json"
    assert health.json()["parts"] == {"broker": "ok", "cache": "ok", "worker": "none is live"}
    assert "worker" in health.json()["detail"]


def test_an_api_that_starts_before_redis_waits_for_it(service: Service) -> None:
    service.broker.stop()
    service.cache.stop()
    api = service.start_api()
    assert api.predict("too early").status_code == 503
    assert api.client.get("/readyz").status_code == 200
    service.broker.start()
    service.cache.start()
    service.start_worker()
    wait_for(lambda: api.predict("too early").status_code == 200, "the first answer")


def test_a_worker_that_starts_before_redis_waits_for_it(service: Service) -> None:
    service.broker.stop()
    worker = service.start_worker_early()
    wait_for(lambda: "model ready" in worker.output, "the model to be loaded")
    service.broker.start()
    wait_for(service.announced, "the worker to announce itself", 60)
    assert service.start_api().predict("at last").json()["predictions"] == [expected("at last")]


def test_a_worker_that_is_stuck_is_not_healthy(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api()
    wait_for(api.healthy, "the path to be healthy")
    service.hold()
    assert api.predict("stuck").status_code == 504
    wait_for(lambda: not api.healthy(), "the last inference to be too long ago", 60)
    wait_for(lambda: api.predict("another").status_code == 503, "misses to be refused instead of waiting in vain", 60)
    service.release()
    wait_for(api.healthy, "the worker to prove itself again")


def test_an_idle_worker_proves_itself(service: Service) -> None:
    service.start_worker(worker_processes="1")
    with service.broker.client() as broker:

        def inferred() -> int:
            (entry,) = broker.hvals(service.keys.workers)
            return int(json.loads(entry)["inferred"])

        first = inferred()
        wait_for(lambda: inferred() > first + 1000, "another inference without any request")
    assert not service.calls()
