"""Rows 24 to 28: the broker's primary dies, freezes, or is replaced, and the Sentinels choose another."""

import signal
import time

from tests.faults.flood import Flood, wait_for_work
from tests.faults.misses import Misses
from tests.faults.run import Run
from tests.support.rows import row
from tests.support.sentinel import FailoverBroker
from tests.support.waiting import wait_for

_AGAIN = 10.0
"""Most seconds from the loss of the primary until a miss is answered again."""


def _report(run: Run, flood: Flood, misses: Misses) -> None:
    assert not misses.wrong
    texts = sum(len(texts) for _, texts in flood.accepted)
    run.note(
        f"{len(flood.accepted)} jobs accepted ({flood.refused} refused), {texts} texts, each with one right result; "
        f"{len(misses.answered)} misses answered ({misses.refused} refused); {len(run.service.calls())} inferences"
    )


@row(
    24,
    "kill -9 of the primary under jobs and requests, then its return",
    "misses answered again ≤ 10 s, no process restarts, every accepted job ends, each text once",
)
def test_primary_killed(watched: Run, broker: FailoverBroker) -> None:
    run, service = watched, watched.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    worker, api = service.start_worker(), service.start_api(chunk_seconds="0.05")
    with Flood(api, texts=run.size(50, 20), pause=0.1) as flood, Misses(api) as misses:
        for _ in range(run.size(3, 1)):
            wait_for_work(service, 20)
            primary = broker.primary
            primary.kill()
            killed = time.monotonic()
            broker.moved(primary)
            run.within("misses again after", misses.again(killed), _AGAIN)
            primary.start()
            broker.settle()
        flood.stop()
        flood.verify(api, 120)
    assert worker.alive
    assert api.process.alive
    _report(run, flood, misses)


@row(
    25,
    "the primary is frozen (SIGSTOP) for 30 s, and returns as a replica",
    "misses answered again ≤ 10 s, the old primary keeps no write of its own, every accepted job ends, each text once",
    core=False,
)
def test_primary_frozen(watched: Run, broker: FailoverBroker) -> None:
    run, service = watched, watched.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    worker, api = service.start_worker(), service.start_api(chunk_seconds="0.05")
    with Flood(api, texts=50, pause=0.1) as flood, Misses(api) as misses:
        wait_for_work(service, 20)
        primary = broker.primary
        primary.pause()
        frozen = time.monotonic()
        broker.moved(primary)
        run.within("misses again after", misses.again(frozen), _AGAIN)
        thaw = frozen + run.size(30, 10)
        wait_for(lambda: time.monotonic() > thaw, "the time to thaw", 60)
        primary.resume()
        broker.settle()
        flood.stop()
        flood.verify(api, 120)
    with primary.client() as old, broker.client() as current:
        assert old.role()[0] == b"slave"
        wait_for(
            lambda: set(old.keys("*:job:*")) == set(current.keys("*:job:*")), "the old primary to have the same jobs"
        )
    assert worker.alive
    _report(run, flood, misses)


@row(
    27,
    "a Sentinel dies, then the primary",
    "the other two choose another primary; misses answered again ≤ 10 s, by a new API process too",
    core=False,
)
def test_sentinel_lost(watched: Run, broker: FailoverBroker) -> None:
    run, service = watched, watched.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    service.start_worker()
    api = service.start_api(chunk_seconds="0.05")
    with Flood(api, texts=50, pause=0.1) as flood, Misses(api) as misses:
        wait_for_work(service, 20)
        broker.sentinels[0].stop()
        wait_for_work(service, 20)
        run.note("with two Sentinels everything goes on")
        primary = broker.primary
        primary.kill()
        killed = time.monotonic()
        broker.moved(primary)
        run.within("misses again after", misses.again(killed), _AGAIN)
        other = service.start_api()
        wait_for(lambda: other.predict("a new process").status_code == 200, "a new API process to answer")
        flood.stop()
        flood.verify(api, 120)
    _report(run, flood, misses)


@row(
    28,
    "kill -9 of the primary while API and worker are replaced",
    "misses answered again ≤ 10 s by the new ones, every accepted job ends, each text once",
    core=False,
)
def test_failover_during_a_rollout(watched: Run, broker: FailoverBroker) -> None:
    run, service = watched, watched.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    old_worker, old_api = service.start_worker(), service.start_api(chunk_seconds="0.05")
    with Flood(old_api, texts=50, pause=0.1) as flood:
        wait_for_work(service, 20)
        new_worker, new_api = service.start_worker_early(), service.start_api(chunk_seconds="0.05")
        primary = broker.primary
        old_worker.signal(signal.SIGTERM)
        primary.kill()
        killed = time.monotonic()
        flood.stop()
        old_api.process.signal(signal.SIGTERM)
        with Misses(new_api) as misses:
            broker.moved(primary)
            run.within("misses again after", misses.again(killed), _AGAIN)
        began = time.monotonic()
        assert (old_api.process.wait(), old_worker.wait()) == (0, 0)
        run.within("the old processes ended after", time.monotonic() - began, 60)
        flood.verify(new_api, 120)
    assert new_worker.alive
    _report(run, flood, misses)


@row(
    29,
    "ten failovers in a row (SENTINEL FAILOVER) under jobs that two replicas confirm",
    "misses answered again ≤ 10 s, no process restarts, every accepted job ends, each text once",
    core=False,
)
def test_ten_failovers(watched: Run, broker: FailoverBroker) -> None:
    run, service = watched, watched.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    worker, api = service.start_worker(), service.start_api(chunk_seconds="0.05", job_replicas="2")
    longest = 0.0
    with Flood(api, texts=50, pause=0.1) as flood, Misses(api) as misses:
        for _ in range(run.size(10, 2)):
            wait_for_work(service, 20)
            began = time.monotonic()
            broker.fail_over()
            moved = time.monotonic()
            longest = max(longest, moved - began + misses.again(moved))
            broker.settle()
        flood.stop()
        flood.verify(api, 120)
    run.within("misses again after the command, the longest", longest, _AGAIN)
    assert worker.alive
    assert api.process.alive
    _report(run, flood, misses)
