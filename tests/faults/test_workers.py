"""Rows 1 to 5: model processes and workers die or are stopped."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import psutil

from tests.faults.flood import Flood, results, wait_for_work
from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.process import Process
from tests.support.rows import row
from tests.support.service import Service
from tests.support.waiting import wait_for


def kill_children(worker: Process) -> None:
    """Kill the model processes of a worker, not the worker."""
    for child in psutil.Process(worker.pid).children(recursive=True):
        os.kill(child.pid, signal.SIGKILL)


def _wait_for_loads(service: Service, count: int) -> None:
    wait_for(lambda: len(service.loads()) == count, "the load to begin")


@row(
    1,
    "kill -9 of the model process in the middle of a batch",
    "a job's text is answered ≤ 5 s + load time later, a request 200 or 504 by its deadline; the parent lives",
)
def test_child_killed(run: Run) -> None:
    service = run.service
    worker = service.start_worker(worker_processes="1")
    api = service.start_api()
    before = service.announced()
    service.hold()
    job = submit(api, ["of a job"]).json()
    wait_for(lambda: service.count("of a job"), "the job's inference to begin")
    killed = time.monotonic()
    kill_children(worker)
    service.release()
    assert finished(api, job)["status"] == "succeeded"
    done = time.monotonic() - killed
    wait_for(lambda: service.announced() - before, "the new process")
    run.within("job's text after", done, 5 + 1)
    assert results(api, job) == [expected("of a job")]
    service.hold()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(api.predict, "of a request")
        wait_for(lambda: service.count("of a request"), "the request's inference to begin")
        kill_children(worker)
        service.release()
        response = asked.result()
    run.within(f"request {response.status_code} after", response.elapsed.total_seconds(), 2.0)
    assert response.status_code in {200, 504}
    assert worker.alive


@row(2, "that process killed twice while it loads for 6 s", "serves again, no restart loop")
def test_child_killed_while_loading(run: Run) -> None:
    service = run.service
    api = service.start_api()
    service.environment["TEST_ENGINE_LOAD_SECONDS"] = str(run.size(6, 2))
    worker = service.start_worker_early(worker_processes="1")
    for kills in (1, 2):
        _wait_for_loads(service, kills)
        os.kill(service.loads()[-1], signal.SIGKILL)
    wait_for(service.announced, "the third load to succeed", 60)
    wait_for(api.healthy, "the API to know it")
    assert api.predict("after all that").status_code == 200
    assert worker.alive
    run.note(f"{len(service.loads())} loads, then serving")
    assert len(service.loads()) == 3


@row(3, "kill -9 of a whole worker under jobs", "the jobs end within 30 s, each text once")
def test_worker_killed(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    doomed = service.start_worker()
    api = service.start_api(chunk_seconds="0.05")
    with Flood(api, texts=50, most=run.size(20, 4)) as flood:
        wait_for(lambda: len(flood.accepted) >= run.size(20, 4), "the flood")
        wait_for(lambda: len(service.calls()) > 10, "some work to be done")
        doomed.kill()
        killed = time.monotonic()
        service.start_worker_early()
        flood.verify(api, 90)
    run.within(f"{len(flood.accepted)} jobs after", time.monotonic() - killed, 30)
    texts = sum(len(texts) for _, texts in flood.accepted)
    run.note(f"{texts} texts, {len(service.calls())} inferences, every answer right and once")


@row(
    4,
    "40 x kill -9 of workers under a flood of jobs",
    "every accepted job ends succeeded; losses of the queue are reported",
)
def test_workers_killed_again_and_again(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.005"
    api = service.start_api(chunk_seconds="0.02")
    kills = run.size(40, 3)
    workers = [service.start_worker_early(), service.start_worker_early()]
    with Flood(api, texts=40, pause=0.25) as flood:
        for kill in range(kills):
            wait_for_work(service, 20)
            workers[kill % 2].kill()
            workers[kill % 2] = service.start_worker_early()
        flood.stop()
        with service.broker.client() as broker:
            flood.verify(api, 120)
            resent = {name.decode(): int(value) for name, value in broker.hgetall(service.keys.jobs_resent).items()}
    run.note(
        f"{kills} kills, {len(flood.accepted)} jobs accepted, all succeeded; the queue lost {resent.get('lost', 0)} "
        f"messages, {resent.get('died', 0)} chunks died with their process"
    )


@row(
    5,
    "SIGTERM with 20 in flight, then 12 x SIGTERM under a flood",
    "exit < 60 s, all answered or given back; nothing lost",
)
def test_workers_stopped(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    worker = service.start_worker()
    api = service.start_api(deadline="30", chunk_seconds="0.02")
    service.hold()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(api.predict, f"in flight {i}") for i in range(20)]
        wait_for(lambda: len(service.calls()) >= 2, "both processes to be busy")
        worker.signal(signal.SIGTERM)
        service.release()
        began = time.monotonic()
        assert worker.wait() == 0
        run.within("exit after", time.monotonic() - began, 60)
        service.start_worker()
        assert [future.result().status_code for future in asked] == [200] * 20
    _stop_under_a_flood(run)


def _stop_under_a_flood(run: Run) -> None:
    service = run.service
    stops = run.size(12, 2)
    api = service.start_api(chunk_seconds="0.02")
    slowest = 0.0
    with Flood(api, texts=run.size(40, 20), pause=0.2) as flood:
        worker = service.start_worker()
        for _ in range(stops):
            wait_for_work(service, 10)
            successor = service.start_worker_early()
            began = time.monotonic()
            assert worker.terminate() == 0
            slowest = max(slowest, time.monotonic() - began)
            worker = successor
        flood.stop()
        flood.verify(api, 120)
        with service.broker.client() as broker:
            lost = int(broker.hget(service.keys.jobs_resent, "lost") or 0)
    run.within(f"{stops} stops, slowest", slowest, 60)
    run.note(f"{len(flood.accepted)} jobs, all succeeded, {lost} messages lost")
    assert lost == 0
