"""Rows 10, 13, 14, 19 and 20: no workers, a dead API process, a dead cache, wrong clocks, a rollout."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median
from uuid import uuid4

import httpx

from tests.faults.flood import Flood
from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.models import write_model
from tests.support.rows import row
from tests.support.service import PRODUCT_CACHE_TIMEOUT, Api, Service
from tests.support.waiting import wait_for

TEXTS = [f"rollout {i}" for i in range(60)]
TIME_OUTS = 1.5 * float(PRODUCT_CACHE_TIMEOUT)
"""Seconds that the API and then the worker, which waits half as long, wait for a frozen cache, once each."""
CLOCK = Path(__file__).parents[1] / "support" / "clock"


@row(10, "no workers", "503 at once; never computed later for nobody")
def test_no_workers(run: Run) -> None:
    service = run.service
    api = service.start_api()
    slowest = 0.0
    for i in range(20):
        refused = api.predict(f"nobody {i}")
        slowest = max(slowest, refused.elapsed.total_seconds())
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
    run.within("20 refusals, slowest", slowest, 0.1)
    service.start_worker()
    wait_for(lambda: api.predict("somebody").status_code == 200, "the worker to be known")
    assert not [i for i in range(20) if service.count(f"nobody {i}")]


@row(13, "kill -9 of an API process with waiters and jobs", "the jobs can be polled from another API process")
def test_api_killed(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    doomed, other = service.start_api(chunk_seconds="0.02"), service.start_api()
    service.start_worker()
    service.hold()
    with Flood(doomed, texts=40, most=10) as flood, ThreadPoolExecutor() as pool:
        wait_for(lambda: len(flood.accepted) == 10, "the jobs to be accepted")
        asked = [pool.submit(_ask_in_vain, doomed, f"lost {i}") for i in range(20)]
        wait_for(service.calls, "an inference to begin")
        doomed.process.kill()
        assert all(future.result() for future in asked)
    service.release()
    flood.verify(other, 60)
    assert other.predict("lost 1").json()["predictions"] == [expected("lost 1")]
    run.note(f"{len(flood.accepted)} jobs succeeded, seen from the other process")


def _ask_in_vain(api: Api, text: str) -> bool:
    try:
        return api.predict(text).status_code in {503, 504}
    except httpx.TransportError:
        return True


@row(
    14,
    "the cache is killed, then frozen, five times each",
    "200 through the miss path; noticing it costs no request more than 50 ms, then both parts' time-outs and 25 ms",
)
def test_cache_lost(run: Run) -> None:
    service = run.service
    service.start_worker()
    api = service.start_api()
    rounds = run.size(5, 1)
    killed = median(_cost_of_loss(service, api, service.cache.kill, service.cache.start) for _ in range(rounds))
    run.within("killed: slowest request beyond the usual one, median", killed, 0.05)
    frozen = median(_cost_of_loss(service, api, service.cache.pause, service.cache.resume) for _ in range(rounds))
    run.within("frozen: slowest request beyond the usual one, median", frozen, TIME_OUTS + 0.025)


def _cost_of_loss(service: Service, api: Api, lose: Callable[[], None], restore: Callable[[], None]) -> float:
    """Return the seconds by which the slowest request after a loss exceeds the slowest one before it."""
    usual = max(_latency(api, f"usual {uuid4()}") for _ in range(20))
    lose()
    lost = max(_latency(api, f"lost {uuid4()}") for _ in range(20))
    restore()
    wait_for(lambda: api.client.get("/health").status_code == 200, "the cache to be back")
    asked: list[str] = []
    wait_for(lambda: _stored_again(service, api, asked), "the worker to store again")
    return max(0.0, lost - usual)


def _latency(api: Api, text: str) -> float:
    began = time.perf_counter()
    response = api.predict(text)
    assert response.status_code == 200
    assert response.json()["predictions"] == [expected(text)]
    return time.perf_counter() - began


def _stored_again(service: Service, api: Api, asked: list[str]) -> bool:
    """Ask for something new, and see whether an answer to anything that was asked has reached the cache."""
    asked.append(f"stored {uuid4()}")
    api.predict(asked[-1])
    return any(map(service.stored, asked))


@row(
    19,
    "a worker whose clock is 10 s ahead, and one 10 s behind",
    "no early expiry of synchronous work, none computed after its deadline",
)
def test_wrong_clocks(run: Run) -> None:
    service = run.service
    api = service.start_api()
    for offset in ("10", "-10"):
        service.environment |= {"PYTHONPATH": str(CLOCK), "TEST_CLOCK_OFFSET": offset}
        worker = service.start_worker(worker_processes="1")
        wait_for(lambda: api.predict("warm").status_code == 200, "the worker to be known")
        texts = [f"clock {offset} {i}" for i in range(50)]
        assert [api.predict(text).status_code for text in texts] == [200] * 50
        assert finished(api, submit(api, [*texts, f"job {offset}"]).json())["status"] == "succeeded"
        service.hold()
        with ThreadPoolExecutor() as pool:
            busy = pool.submit(api.predict, f"busy {offset}")
            _wait_until_begun(service, f"busy {offset}")
            late = pool.submit(api.predict, f"late {offset}")
            assert late.result().status_code == 504
            assert busy.result().status_code == 504
        service.release()
        _wait_until_answered(api, f"after {offset}")
        assert not service.count(f"late {offset}"), "computed after its deadline"
        worker.terminate()
        wait_for(lambda: not service.announced(), "the worker to be gone")
    run.note("50 of 50 requests answered under either clock, nothing late computed")


def _wait_until_begun(service: Service, text: str) -> None:
    wait_for(lambda: service.count(text), "the inference to begin")


def _wait_until_answered(api: Api, text: str) -> None:
    wait_for(lambda: api.predict(text).status_code == 200, "the queue to be worked off")


@row(
    20,
    "a rollout: workers of two model versions side by side under load",
    "every answer is right for the version that computed it, the cache never mixes them",
)
def test_rollout(run: Run) -> None:
    service = run.service
    api = service.start_api()
    old = service.start_worker()
    counts: Counter[str] = Counter()
    stop = threading.Event()
    users = [threading.Thread(target=_ask_both_versions, args=(api, counts, stop)) for _ in range(4)]
    for user in users:
        user.start()
    wait_for(lambda: counts["model-one"] > 100, "the old version to be asked")
    second = write_model(service.folder / "model-two", built_at=2)
    service.start_worker(model_dir=str(second))
    wait_for(lambda: counts["model-two"] > 100, "the new version to be asked")
    old.terminate()
    seen = counts["model-two"]
    wait_for(lambda: counts["model-two"] > seen + 100, "the new version alone")
    stop.set()
    for user in users:
        user.join()
    job = submit(api, TEXTS).json()
    finished(api, job)
    page = api.client.get(job["urls"]["results"]).json()["predictions"]
    assert page == [expected(text, "model-two") for text in TEXTS], "the job found an answer of the old version"
    wrong = counts["wrong"]
    run.note(f"{counts['model-one']} answers of the old version, {counts['model-two']} of the new, {wrong} wrong")
    assert not wrong


def _ask_both_versions(api: Api, counts: Counter[str], stop: threading.Event) -> None:
    """Ask until told to stop, and count which version's answer each one was."""
    for number in count():
        if stop.is_set():
            return
        text = TEXTS[number % len(TEXTS)]
        answers = api.predict(text).json().get("predictions", [None])
        versions = [name for name in ("model-one", "model-two") if answers == [expected(text, name)]]
        counts[versions[0] if versions else "wrong"] += 1
