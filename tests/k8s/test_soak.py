"""Twenty minutes of half the load that it bears."""

import re
import time
from dataclasses import dataclass, field

import pytest

from shared.broker.keys import Keyspace
from shared.contract.errors import SentimentError
from shared.contract.names import Lane
from tests.k8s import cluster, service, watch
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import constant, p99
from tests.k8s.truth import Truth
from tests.support.rows import row

_SECONDS = 20 * MINUTES
_EVERY = 60.0
_RATES = {"hits": 40.0, "misses": 20.0}
_KEYS = Keyspace("project")
_GROWTH = 1.0
"""MB a minute that a container may grow, after the first five minutes: what a limit of 768 MB bears for hours, and far
above what a page cache or an allocator's step makes of twenty minutes."""


@dataclass
class _Seen:
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """MB by pod, with the minute."""
    counts: list[tuple[float, float, float]] = field(default_factory=list)
    """Unfinished texts, as Redis, then KEDA, then Redis again counted them."""
    waiting: list[int] = field(default_factory=list)


@row(
    7,
    "twenty minutes at half load",
    "no request fails; memory, queues and claims do not drift; KEDA counts what Redis holds",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_soak(run: Run) -> None:
    watch.settle("interactive", watch.replicas("interactive"))
    until(lambda: service.answers(service.API, "/project", "before the soak"), "the service to be well", MINUTES)
    until(_measured, "metrics-server to know the pods", 3 * MINUTES)
    seen = _Seen()
    with constant("soak", **_RATES) as traffic:
        began = time.monotonic()
        while (minute := (time.monotonic() - began) / 60) < _SECONDS / 60:
            due = time.monotonic() + _EVERY
            job = service.submit(f"soak at {minute:.0f} min", 500)
            _look(seen, minute)
            run.say(f"{minute:.0f} min: {traffic.describe()}; KEDA and Redis: {seen.counts[-1]}")
            Truth().require_job(job)
            _pause_until(due)
    traffic.require_all()
    traffic.require_right(Truth())
    early, late = traffic.answers[: len(traffic.answers) // 4], traffic.answers[-len(traffic.answers) // 4 :]
    run.note(traffic.describe())
    run.note(f"p99 in the first quarter {p99(early) * 1000:.0f} ms, in the last {p99(late) * 1000:.0f} ms")
    _require_rest(run)
    _require_counted(run, seen)
    _require_level(run, seen)


def _pause_until(due: float) -> None:
    until(lambda: time.monotonic() > due, "the time", 5 * MINUTES)


def _measured() -> bool:
    try:
        return bool(cluster.kubectl("top", "pod", "--no-headers"))
    except SentimentError:
        return False


def _look(seen: _Seen, minute: float) -> None:
    for line in cluster.kubectl("top", "pod", "--no-headers").splitlines():
        name, _, memory = line.split()
        seen.memory.setdefault(name, []).append((minute, float(re.sub(r"Mi$", "", memory)) * 1.048576))
    key = _KEYS.backlog(Lane.INTERACTIVE)
    before = float(watch.redis("broker", "ZCARD", key))
    told = watch.counted("interactive")
    after = float(watch.redis("broker", "ZCARD", key))
    require(told is not None, "KEDA could not count")
    seen.counts.append((before, told or 0.0, after))


def _require_rest(run: Run) -> None:
    """At rest nothing may be left: no claim in the backlog, no message, no chunk, and KEDA's counts at 0."""
    keys = [_KEYS.backlog(lane) for lane in Lane] + [_KEYS.queue(lane) for lane in Lane]
    keys += [_KEYS.job_chunks_waiting, _KEYS.job_chunks_running, _KEYS.jobs_open]
    until(lambda: watch.redis("broker", "EXISTS", *keys) == "0", "every queue to be empty", MINUTES)
    until(lambda: [watch.counted(lane) for lane in watch.LANES] == [0, 0], "KEDA to count 0", MINUTES)
    run.note("afterwards every queue, backlog and list of chunks is empty, and KEDA counts 0 in both lanes")


def _require_counted(run: Run, seen: _Seen) -> None:
    far = max(max(told - max(before, after), min(before, after) - told) for before, told, after in seen.counts)
    run.note(f"KEDA told at most {max(far, 0):.0f} texts more or fewer than Redis held a moment before and after")
    require(far <= 10, "KEDA counts something else than Redis holds")


def _require_level(run: Run, seen: _Seen) -> None:
    growth = {name: _slope([point for point in points if point[0] >= 5]) for name, points in seen.memory.items()}
    worst = max(growth, key=lambda name: growth[name])
    run.note(f"memory grew by at most {growth[worst]:.2f} MB/min ({worst})")
    require(growth[worst] < _GROWTH, f"{worst} grows by {growth[worst]:.2f} MB a minute")


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line, 0 for fewer than five points."""
    if len(points) < 5:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
