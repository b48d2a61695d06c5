"""Row 4: a rollout of another model under load, and its rollback."""

import time

import pytest

from tests.k8s import cluster, service, watch
from tests.k8s.cluster import RELEASE
from tests.k8s.run import MINUTES, Run, require, until
from tests.k8s.traffic import Traffic, constant
from tests.k8s.truth import Truth
from tests.support.rows import row

_SECOND = {"images.worker.tag": "second", "serviceDefaults.api.settings.cache_ttl": "43200"}
_STEADY = 100


@row(
    4,
    "a rolling update of API and workers to another model version under load; helm rollback",
    "no request fails; every answer is right for one of the models; once it is through, only the new one's, hits too",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_rollout(run: Run) -> None:
    truth = Truth()
    _back()  # a row before may have left another model
    try:
        with constant("rollout") as traffic:
            cluster.helm("upgrade", *cluster.values(**_SECOND))
            _require_only(2, traffic, truth, run)
            truth.require_job(service.submit("after the update", 500), 2)
            cluster.helm("rollback", RELEASE)
            _require_only(1, traffic, truth, run)
            truth.require_job(service.submit("after the rollback", 500), 1)
    except BaseException:
        _back()  # so that the rows to come meet what they expect
        raise
    traffic.require_all()
    counts = traffic.require_right(truth, 1, 2)
    run.note(f"{traffic.describe()}; {counts[1]} answers of the first model, {counts[2]} of the second, none wrong")


def _back() -> None:
    cluster.helm("upgrade", *cluster.values())
    _finish()


def _require_only(model: int, traffic: Traffic, truth: Truth, run: Run) -> None:
    """Wait for every Deployment's rollout, and demand that from then on one model alone answers, hits included."""
    _finish()
    until(lambda: _last_are(model, traffic, truth), f"model {model} alone to answer", MINUTES)
    moment = time.monotonic()
    until(lambda: len(traffic.after(moment)) > _STEADY, "more answers", MINUTES)
    later = [answer for answer in traffic.after(moment) if answer.ok]
    mixed = [answer for answer in later if truth.model(answer.text, answer.positive) != model]
    seen = "; ".join(f"{'hit' if a.hit else 'miss'} {a.began - moment:.1f} s later" for a in mixed[:5])
    require(not mixed, f"{len(mixed)} of {len(later)} answers of the other model after the rollout: {seen}")
    run.say(f"model {model} alone answers")


def _finish() -> None:
    """Wait until every pod is of the newest revision, and the old ones are gone."""
    for part in ("api", *watch.LANES):
        cluster.kubectl("rollout", "status", f"deployment/{watch.deployment(part)}", "--timeout=300s")
    until(lambda: not _going(), "the old pods to be gone", 3 * MINUTES)


def _going() -> list[str]:
    parts = ("api", *watch.LANES)
    return [p["metadata"]["name"] for part in parts for p in watch.pods(part) if p["metadata"].get("deletionTimestamp")]


def _last_are(model: int, traffic: Traffic, truth: Truth) -> bool:
    last = [answer for answer in traffic.answers[-20:] if answer.ok]
    return bool(last) and all(truth.model(answer.text, answer.positive) == model for answer in last)
