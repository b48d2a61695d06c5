"""Row 5: pods are killed at random."""

import random
import time
from typing import Any

import pytest

from tests.k8s import recovery, service, watch
from tests.k8s.recovery import failures, well_since
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import constant
from tests.k8s.truth import Truth
from tests.support.rows import row

_PAUSE = 12.0
_PARTS = ("api", "interactive", "bulk", "broker", "cache")
_EACH = 3
_TEXTS = 1_000


@row(
    5,
    f"pods killed at random for three minutes: API, workers, broker, cache, {_EACH} times each",
    "every accepted job ends well; synchronous requests are well again within 10 s of the last kill; no hand is needed",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_kills(run: Run) -> None:
    chance = random.Random(5)
    order = list(_PARTS) * _EACH
    chance.shuffle(order)
    jobs: list[Any] = []
    with constant("kills") as traffic:
        for part in order:
            due = time.monotonic() + chance.uniform(0.5, 1.5) * _PAUSE
            jobs.append(service.submit(f"fifth row, job {len(jobs)}", _TEXTS))
            run.say(_kill(chance, part))
            _pause_until(due)
        last = time.monotonic()
        run.say(_kill(chance, "broker"))
        try:
            well = until(lambda: well_since(traffic, last), "synchronous requests to be well again", 2 * MINUTES)
        finally:
            run.say(f"since the last kill: {failures(traffic, last)}")
        truth = Truth()
        for job in jobs:
            truth.require_job(job)
    traffic.require_right(truth)
    refused = sorted({answer.status for answer in traffic.failed})
    run.note(f"{len(jobs)} jobs of {_TEXTS:,} texts accepted meanwhile, all complete and right")
    run.note(f"well again {well - last:.1f} s after the last kill, the broker's")
    run.note(f"meanwhile {traffic.describe()}; what failed got {refused} (0: no connection)")
    recovery.require_prompt(traffic)
    require(well - last < 10, f"synchronous requests were well again only after {well - last:.1f} s")


def _pause_until(due: float) -> None:
    until(lambda: time.monotonic() > due, "the time", 5 * MINUTES)


def _kill(chance: random.Random, part: str) -> str:
    """Kill one of a part's pods; return its name."""
    alive = until(lambda: watch.pods(part), f"a pod of {part} to kill", MINUTES)
    name = chance.choice(sorted(pod["metadata"]["name"] for pod in alive))
    recovery.kill(name)
    return f"killed {name}"
