"""Row 16: three times as many misses as the workers can compute."""

import asyncio
from collections.abc import Iterator

from shared.process.settings import Settings
from tests.faults.run import Run
from tests.support.rows import row
from tests.support.wire import Reply, closed_loop, open_loop, quantile, question
from worker.process import model_dir

CONNECTIONS = 600
PEAK_USERS = 24


def _questions(name: str) -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield question({"text": f"{name} {number}: a gripping , beautifully acted film that never finds its heart"})


@row(
    16,
    "3 x overload with misses for 30 s, the real model",
    "refusals' p99 < 50 ms, accepted requests' p99 below the deadline, goodput ≥ 80 % of the peak goodput",
    core=False,
)
def test_overload(run: Run) -> None:
    service = run.service
    service.environment |= {"SENTIMENT_ENGINE": "onnx", "SENTIMENT_MODEL_DIR": str(model_dir(Settings()))}
    service.start_worker()
    api = service.start_api(log_level="WARNING")
    asyncio.run(closed_loop(api.url, _questions("warm"), PEAK_USERS, 3))
    peak_replies = asyncio.run(closed_loop(api.url, _questions("peak"), PEAK_USERS, 10))
    peak = sum(reply.status == 200 for reply in peak_replies) / 10
    seconds = run.size(30, 5)
    replies = asyncio.run(open_loop(api.url, _questions("over"), 3 * peak, CONNECTIONS, seconds))
    good = [reply.seconds for reply in replies if reply.status == 200]
    accepted = [reply.seconds for reply in replies if reply.status in {200, 504}]
    refused = [reply.seconds for reply in replies if reply.status == 503]
    statuses = sorted({reply.status for reply in replies})
    run.note(f"peak {peak:.0f}/s; offered {3 * peak:.0f}/s: {len(good)} answered, {len(refused)} refused, {statuses}")
    assert set(statuses) <= {200, 503, 504}, _others(replies)
    run.within("refusals' p99", quantile(refused, 0.99), 0.05)
    run.within("accepted requests' p99", quantile(accepted, 0.99), 1.8)
    goodput = len(good) / seconds
    run.note(f"goodput {goodput:.0f}/s = {goodput / peak:.0%} of the peak (≥ 80%)")
    assert run.short or goodput >= 0.8 * peak


def _others(replies: list[Reply]) -> str:
    others = [reply for reply in replies if reply.status not in {200, 503, 504}]
    return f"{len(others)} others, for instance {others[0].status}: {others[0].body[:200]!r}"
