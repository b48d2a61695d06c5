"""Rows 6 to 9, 15 and 17: the broker dies, freezes, fills up, or holds what nobody understands."""

import asyncio
import pickle
import threading
import time
from base64 import b64encode

from kombu.utils.json import dumps

from shared.contract.messages import encode_message, ticket_template
from shared.contract.names import Item, Lane
from tests.faults.flood import Flood, wait_for_work
from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.rows import row
from tests.support.service import Api
from tests.support.waiting import wait_for
from tests.support.wire import Reply, ask_each, closed_loop, question


@row(
    6,
    "kill -9 of the broker with some tasks under way",
    "the worker's pid lives and consumes again ≤ 10 s after its return; all accepted jobs end",
)
def test_broker_killed(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.02"
    worker = service.start_worker()
    api = service.start_api(chunk_seconds="0.05")
    with Flood(api, texts=run.size(50, 10), pause=0.05) as flood:
        for _ in range(run.size(3, 1)):
            wait_for_work(service, 10)
            service.broker.kill()
            wait_for(lambda: api.client.get("/health").status_code == 503, "the outage to be noticed")
            service.broker.start()
            with run.timed("consumes again after", 10):
                wait_for_work(service, 4)
        flood.stop()
        flood.verify(api, 120)
    assert worker.alive
    run.note(f"{len(flood.accepted)} jobs accepted, all succeeded")


@row(
    7,
    "the broker is down for 45 s",
    "misses 503 ≤ 0.6 s, hot hits 200, /livez and /readyz 200, /health 503, no process restarts, resumes ≤ 30 s",
)
def test_broker_down(run: Run) -> None:
    service = run.service
    worker = service.start_worker()
    api = service.start_api()
    assert api.predict("hot").status_code == 200
    loads = service.loads()
    service.broker.kill()
    down_until = time.monotonic() + run.size(45, 3)
    wait_for(lambda: api.client.get("/health").status_code == 503, "the outage to be noticed")
    slowest, asked = 0.0, 0
    while time.monotonic() < down_until:
        asked += 1
        miss = api.predict(f"cold {asked}")
        slowest = max(slowest, miss.elapsed.total_seconds())
        assert (miss.status_code, api.predict("hot").status_code) == (503, 200)
        statuses = [api.client.get(path).status_code for path in ("/livez", "/readyz", "/health")]
        assert statuses == [200, 200, 503]
    run.within(f"{asked} misses refused, slowest after", slowest, 0.6)
    service.broker.start()
    with run.timed("resumes after", 30):
        wait_for(lambda: api.predict("cold again").status_code == 200, "a miss to be answered", 60)
    assert worker.alive
    assert api.process.alive
    assert service.loads() == loads, "a process was restarted"


@row(
    8,
    "the broker is frozen (SIGSTOP) for 20 s",
    "no request outlives its deadline + 0.2 s, event-loop lag < 100 ms, recovers",
)
def test_broker_frozen(run: Run) -> None:
    service = run.service
    service.start_worker()
    api = service.start_api()
    seconds = run.size(20, 2)
    questions = (question({"text": f"while frozen {i}"}) for i in range(10**9))

    async def scenario() -> tuple[list[Reply], list[Reply]]:
        asking = asyncio.create_task(closed_loop(api.url, questions, 50, seconds + 1))
        probe = b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"
        probing = asyncio.create_task(closed_loop(api.url, iter(lambda: probe, None), 1, seconds))
        service.broker.pause()
        await asyncio.sleep(seconds)
        service.broker.resume()
        return await asking, await probing

    asked, probed = asyncio.run(scenario())
    assert {reply.status for reply in asked} <= {200, 503, 504}
    run.within(f"{len(asked)} requests, slowest", max(reply.seconds for reply in asked), 2.0)
    run.within("/livez, slowest", max(reply.seconds for reply in probed), 0.1)
    with run.timed("recovers after", 30):
        wait_for(lambda: api.predict("after the thaw").status_code == 200, "a miss to be answered", 60)


@row(
    9,
    "all pub/sub connections killed with 500 waiters",
    "all of them answered 200 by their deadlines",
)
def test_subscriptions_cut(run: Run) -> None:
    service = run.service
    service.start_worker()
    api = service.start_api() if not run.short else service.start_api(deadline="30")
    waiters = run.size(500, 100)
    texts = [f"waiting {i}" for i in range(waiters)]
    service.hold()

    def cut() -> None:
        wait_for(service.calls, "an inference to begin")
        with service.broker.client() as broker:
            assert broker.client_kill_filter(_type="pubsub")
        service.release()

    knife = threading.Thread(target=cut)
    knife.start()
    replies = asyncio.run(ask_each(api.url, [question({"text": text}) for text in texts]))
    knife.join()
    good = sum(reply.status == 200 for reply in replies)
    run.note(f"{good} of {waiters} answered 200")
    run.within("slowest", max(reply.seconds for reply in replies), 1.8)
    assert good == waiters


@row(
    15,
    "the broker is at maxmemory",
    "503 with Retry-After for misses and jobs, queued jobs intact, drains afterwards",
)
def test_broker_full(run: Run) -> None:
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.01"
    worker = service.start_worker()
    api = service.start_api(chunk_seconds="0.02")
    assert api.predict("hot").status_code == 200
    with Flood(api, texts=run.size(200, 100), most=20) as flood:
        wait_for(lambda: len(flood.accepted) == 20, "the jobs to be accepted")
    with service.broker.client() as broker:
        most = broker.config_get("maxmemory")["maxmemory"]
        broker.config_set("maxmemory", 1_000_000)
        try:
            wait_for(lambda: api.predict("no room").status_code == 503, "the shortage to be noticed")
            for refused in (api.predict("no room either"), submit(api, ["no room"])):
                assert refused.status_code == 503
                assert int(refused.headers["retry-after"]) >= 1
            assert api.predict("hot").status_code == 200
            jobs = [api.client.get(job["urls"]["self"]) for job, _ in flood.accepted]
            assert all(response.status_code == 200 for response in jobs)
        finally:
            broker.config_set("maxmemory", most)
    with run.timed("misses again after", 30):
        wait_for(lambda: api.predict("room again").status_code == 200, "a miss to be answered", 60)
    flood.verify(api, 120)
    assert worker.alive
    run.note(f"{len(flood.accepted)} jobs intact and succeeded")


@row(
    17,
    "a pickle, an unknown task and malformed messages in the queues",
    "discarded and logged, the worker's pid lives, nothing stuck, the next task is fine",
)
def test_garbage(run: Run) -> None:
    service = run.service
    worker = service.start_worker()
    api = service.start_api()
    pieces = _garbage()
    with service.broker.client() as broker:
        for lane in Lane:
            broker.lpush(service.keys.queue(lane), *pieces)
        wait_for(lambda: not any(broker.llen(service.keys.queue(lane)) for lane in Lane), "the queues to be empty")
        expected_lines = 2 * len(pieces)
        wait_for(lambda: worker.output.count("message discarded") == expected_lines, "each to be logged")
    assert api.predict("the next one").json()["predictions"] == [expected("the next one")]
    _next_job(api)
    assert worker.alive
    assert "secret words" not in worker.output
    assert "Traceback" not in worker.output
    run.note(f"{expected_lines} elements, {expected_lines} lines, none of them shows its content")


def _next_job(api: Api) -> None:
    assert finished(api, submit(api, ["the next job"]).json())["status"] == "succeeded"


def _garbage() -> list[bytes]:
    good = encode_message([Item("k", "secret words", 9, 2**50, "r")], Lane.INTERACTIVE)
    body = b64encode(dumps([[["secret words"]], {}, {}]).encode())
    bomb = b64encode(pickle.dumps("secret words"))
    return [
        b"secret words, no JSON",
        b"\xff\xfe\x00",
        b'["secret words"]',
        b'"secret words"',
        b"null",
        b"{}",
        b'{"body": "secret words", "properties": {}, "headers": {}}',
        b"[" * 100_000,
        good.replace(b"application/json", b"application/x-python-serialize"),
        good.replace(b"sentiment.classify", b"os.system"),
        good.replace(b'"eta": null', b'"eta": "secret words"'),
        good[:40] + b'"' + good[40:],
        good.replace(b'"body": "', b'"body": "%b' % body),
        good.replace(b'"body": "', b'"body": "%b' % bomb),
        ticket_template(),
        ticket_template().replace(b"@CHUNK@", b"-1"),
    ]
