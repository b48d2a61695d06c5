"""Row 16: three times as many misses as the workers can compute."""

import asyncio
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import numpy as np

from load.generate.drive import Observation, Phase, Window, open_loop
from load.generate.lasting import lasting_loop
from load.generate.plan import Plan, make_plan
from load.generate.records import Records
from load.generate.scenarios import due
from shared.process.settings import Settings
from tests.faults.run import Run
from tests.support.rows import row
from worker.engines.manifest import model_dir

PEAK_USERS = 24
LATEST_MS = 25.0
"""Half of what a refusal may take: a request that is sent later says nothing about the service."""
KNOWN = {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


@row(
    16,
    "3 x overload with misses, three times for 10 s, the real model; the peak measured before and after each",
    "refusals' p99 < 50 ms, accepted requests' p99 below the deadline, goodput ≥ 80 % of the peak beside it (median)",
    core=False,
)
def test_overload(run: Run) -> None:
    service = run.service
    service.environment |= {"SENTIMENT_ENGINE": "auto", "SENTIMENT_MODEL_DIR": str(model_dir(Settings()))}
    service.start_worker()
    api = service.start_api(log_level="WARNING")
    peaks, floods = asyncio.run(_measure(run.folder, f"{api.url}/project", run.size(3, 1), run.size(10, 4)))
    records = np.concatenate([flood.records for flood in floods])
    refused = _seconds(records, HTTPStatus.SERVICE_UNAVAILABLE)
    accepted = _seconds(records, HTTPStatus.OK, HTTPStatus.GATEWAY_TIMEOUT)
    goodput = [_answered(flood) for flood in floods]
    shares = [rate / mean(beside) for rate, beside in zip(goodput, pairwise(peaks), strict=True)]
    run.note(f"peaks {_list(peaks)}/s, goodput {_list(goodput)}/s; {len(accepted)} accepted, {len(refused)} refused")
    run.note(f"sent late, p99 {max(flood.generator['late_p99_ms'] for flood in floods):.0f} ms")
    assert set(records["status"]) <= KNOWN
    run.within("refusals' p99", float(np.quantile(refused, 0.99)), 0.05)
    run.within("accepted requests' p99", float(np.quantile(accepted, 0.99)), 1.8)
    run.note(f"goodput {median(shares):.0%} of the peak (≥ 80%)")
    assert run.short or median(shares) >= 0.8, "goodput"


async def _measure(folder: Path, base: str, rounds: int, seconds: float) -> tuple[list[float], list[Observation]]:
    """Return the peaks, and what was seen under three times as many requests between each two of them."""
    peaks, floods = [await _peak(folder, base)], []
    for _ in range(rounds):
        window, rate = Window(seconds, warm_up=2), 3 * peaks[-1]
        phases = [Phase(window.warm_up + seconds + 1, rate, rate)]
        plan = await make_plan(folder, base, "cold", seed=1, clients=1, count=due(phases))
        floods.append(await open_loop(plan, phases, window, {}, latest_ms=LATEST_MS))
        peaks.append(await _peak(folder, base))
    return peaks, floods


async def _peak(folder: Path, base: str) -> float:
    """Return the goodput of a closed loop with enough users, in requests a second."""

    async def prepare(count: int, salt: str | None) -> Plan:
        return await make_plan(folder / "peak", base, "cold", seed=1, clients=PEAK_USERS, count=count, salt=salt)

    seen, _ = await lasting_loop(prepare, Window(5, warm_up=1), {})
    return _answered(seen)


def _list(rates: list[float]) -> str:
    return ", ".join(f"{rate:.0f}" for rate in rates)


def _answered(seen: Observation) -> float:
    """Return the requests a second that were answered with 200."""
    return len(_seconds(seen.records, HTTPStatus.OK)) / seen.seconds


def _seconds(records: Records, *statuses: HTTPStatus) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return records["latency_us"][np.isin(records["status"], statuses)] / 1e6
