"""How processes begin and end, as whoever operates them sees it."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.broker.access import Part
from shared.contract.names import Lane
from tests.support.asking import expected
from tests.support.engines import BROKEN
from tests.support.jobs import finished, submit
from tests.support.service import Service
from tests.support.waiting import wait_for


def test_a_draining_api_says_so_and_still_answers(service: Service) -> None:
    service.start_worker()
    api = service.start_api(drain="600")
    assert api.client.get("/readyz").status_code == 200
    api.process.signal(signal.SIGTERM)
    wait_for(lambda: api.client.get("/readyz").status_code == 503, "the API to drain")
    assert api.client.get("/livez").status_code == 200
    for _ in ("a miss", "a hit"):
        answer = api.predict("still answered")
        assert answer.json()["predictions"] == [expected("still answered")]
        assert answer.headers["connection"] == "close", "who keeps a connection must go elsewhere in time"
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


def test_a_worker_ends_with_a_sentence_when_none_of_its_processes_can_load_the_model(service: Service) -> None:
    (service.engine_dir / "broken").touch()
    worker = service.start_worker_early()
    assert worker.wait() == 2
    assert f"this process cannot load its model: {BROKEN}" in worker.output
    assert "no process of this worker can load its model, so it ends" in worker.output
    assert "Traceback" not in worker.output
    assert not service.announced()


def test_a_process_that_cannot_load_its_model_is_tried_again_beside_one_that_could(service: Service) -> None:
    worker = service.start_worker()
    (service.engine_dir / "broken").touch()
    os.kill(service.loads()[0], signal.SIGKILL)
    wait_for(lambda: worker.output.count(BROKEN) >= 2, "two loads to fail")
    (service.engine_dir / "broken").unlink()
    wait_for(lambda: worker.output.count("model ready") == 3, "another process to be ready")
    assert worker.alive


def test_a_test_whose_worker_cannot_load_fails_at_once_with_the_workers_words(service: Service) -> None:
    (service.engine_dir / "broken").touch()
    with pytest.raises(AssertionError, match=BROKEN):
        service.start_worker()


def test_a_stopping_worker_first_gives_back_what_it_has_not_begun(service: Service) -> None:
    worker = service.start_worker(worker_processes="1")
    api = service.start_api(deadline="60", chunk_tokens="1")
    others = [f"text {i}" for i in range(4)]
    service.hold("the first", *others)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(api.predict, "the first")]
        wait_for(service.calls, "the process to be busy")
        asked += [pool.submit(api.predict, text) for text in others]
        wait_for(lambda: _queued(service) >= 3, "their messages to wait")
        service.release("the first")
        wait_for(asked[0].done, "the process to go on to the next")
        wait_for(lambda: len(service.calls()) == 2, "it to have begun that one")
        service.environment["TEST_ENGINE_DIR"] = str(service.folder / "another-engine")
        service.start_worker(worker_processes="1")
        worker.signal(signal.SIGTERM)
        wait_for(lambda: sum(future.done() for future in asked) == 4, "all others to be answered")
        assert worker.alive, "what it has begun still runs"
        service.release(*others)
        assert worker.wait() == 0
        assert [future.result(timeout=30).status_code for future in asked] == [200] * 5


def test_a_stopping_worker_gives_back_nothing_that_is_done(service: Service) -> None:
    worker = service.start_worker(worker_processes="1")
    api = service.start_api(chunk_seconds="0.000001")
    assert finished(api, submit(api, ["one", "two", "three"]).json())["status"] == "succeeded"
    assert api.predict("a request").status_code == 200
    # What the parent has not heard of when it is told to stop comes back, and is found done; here it has heard of all.
    wait_for(lambda: _taken(service) == [], "the worker's parent to hear of the end")
    assert worker.terminate() == 0
    assert [_queued(service, lane) for lane in Lane] == [0, 0]


def _taken(service: Service) -> list[object] | None:
    """Return the tasks that the parent of the only worker reports as running; None if it does not answer."""
    asked = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker.queue.app", "inspect", "active", "--json", "--timeout", "5"],
        env=os.environ | service.environment_of(Part.WORKER),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return next(iter(json.loads(asked.stdout).values())) if asked.returncode == 0 else None


def _queued(service: Service, lane: Lane = Lane.INTERACTIVE) -> int:
    with service.broker.client() as broker:
        return int(broker.llen(service.keys.queue(lane)))


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


def test_a_message_that_a_process_has_taken_itself_outlives_the_process(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api(deadline="60", chunk_tokens="1")
    service.hold("delivered", "taken")
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(api.predict, "delivered")]
        wait_for(service.calls, "the process to be busy")
        asked.append(pool.submit(api.predict, "taken"))
        wait_for(lambda: _queued(service) == 1, "the second message to wait")
        service.release("delivered")
        wait_for(lambda: len(service.calls()) == 2, "the process to take it")
        assert service.count("taken") == 1
        os.kill(service.loads()[0], signal.SIGKILL)
        wait_for(lambda: service.count("taken") == 2, "another process to run it")
        service.release("taken")
        assert [future.result(timeout=30).status_code for future in asked] == [200, 200]
    assert service.count("delivered") == 1
