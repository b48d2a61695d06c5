"""Row 21: a flood of jobs beside synchronous requests."""

import asyncio
from collections.abc import Iterator
from itertools import count

from shared.process.settings import Settings
from tests.faults.flood import Flood
from tests.faults.run import Run
from tests.support.rows import row
from tests.support.wire import Reply, closed_loop, quantile, question
from worker.engines.manifest import model_dir

JOBS, TEXTS = 50, 1000


def _questions(name: str) -> Iterator[bytes]:
    for number in count():
        yield question({"text": f"{name} {number}: a gripping , beautifully acted film that never finds its heart"})


def _latencies(replies: list[Reply]) -> tuple[float, float]:
    assert {reply.status for reply in replies} == {200}
    seconds = [reply.seconds for reply in replies]
    return quantile(seconds, 0.5), quantile(seconds, 0.99)


@row(
    21,
    "a flood of 50 jobs x 1,000 texts beside synchronous misses, the real model",
    "a miss is slowed by no more than one bulk chunk (50 ms)",
    core=False,
)
def test_lanes(run: Run) -> None:
    service = run.service
    service.environment |= {"SENTIMENT_ENGINE": "onnx", "SENTIMENT_MODEL_DIR": str(model_dir(Settings()))}
    service.start_worker()
    api = service.start_api(log_level="WARNING")
    seconds = run.size(20, 3)
    asyncio.run(closed_loop(api.url, _questions("warm"), 4, 2))
    alone = _latencies(asyncio.run(closed_loop(api.url, _questions("alone"), 1, seconds)))
    with Flood(api, texts=run.size(TEXTS, 100), most=JOBS) as flood:
        asyncio.run(closed_loop(api.url, _questions("begin"), 1, 2))
        beside = _latencies(asyncio.run(closed_loop(api.url, _questions("beside"), 1, seconds)))
        with service.broker.client() as broker:
            left = broker.zcard(service.keys.jobs_open)
        for job, _ in flood.accepted:
            api.client.delete(job["urls"]["cancel"])
    run.note(f"{left} of {len(flood.accepted)} jobs still open at the end")
    assert run.short or left, "the flood was over before the end"
    for name, (median, high) in (("alone", alone), ("beside the flood", beside)):
        run.note(f"misses {name}: p50 {median * 1000:.1f} ms, p99 {high * 1000:.1f} ms")
    run.within("slowed by, p50", beside[0] - alone[0], 0.05)
    run.within("slowed by, p99", beside[1] - alone[1], 0.05)
