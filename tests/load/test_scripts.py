"""Each k6 script against the real service: what it counts is what the service did."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from load.run.scripts import SCENARIOS
from tests.load.running import Outcome, drive, outcome
from tests.support.models import write_model
from tests.support.service import Api, Service

POOL = 20
USERS = 2
EACH = 60
JOB_TEXTS = 1000
SLO = {("answer_duration", "p(99)<2000"), ("success", "rate>0.998")}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def api(service: Service) -> Api:
    service.start_worker()
    return service.start_api()


def run(api: Api, scenario: str, **environment: str) -> Outcome:
    return outcome(scenario, {"default": (USERS, EACH), "jobs": (1, 1)}, BASE_URL=api.url, **environment)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_script_counts_what_the_service_did(service: Service, api: Api, scenario: str) -> None:
    before = service.calls()
    ran = run(api, scenario)
    computed = service.calls()[len(before) :]
    warm = 0 if scenario in {"cold", "skewed"} else POOL
    jobs = JOB_TEXTS if scenario == "lanes" else 0
    assert len(computed) == len(set(computed)) == warm + ran.value("text_misses", "count") + jobs

    assert ran.value("success", "rate") == 1.0
    assert ran.value("answer_duration", "count") == USERS * EACH
    assert ran.value("hit_duration", "count") + ran.value("miss_duration", "count") == USERS * EACH
    assert not ran.failed_checks
    assert not ran.crossed
    assert {name for name, _ in _thresholds(ran)} >= {"checks", "miss_duration"}
    assert _thresholds(ran) >= SLO
    _mixed_as_the_profile_says(scenario, ran)
    _summary_says_it(ran)
    if jobs:
        _jobs_were_polled(ran)


def test_the_defaults_are_the_articles(api: Api) -> None:
    scenario = outcome("headline", {"default": (0, 0)}, BASE_URL=api.url).options["scenarios"]["users"]
    assert scenario["stages"] == [
        {"duration": "90s", "target": 10},
        {"duration": "7m", "target": 10},
        {"duration": "90s", "target": 0},
    ]


def test_the_environment_decides(api: Api) -> None:
    settings = {"RATE": "7", "VUS": "9", "HOLD": "3s"}
    scenario = outcome("burst", {"default": (0, 0)}, BASE_URL=api.url, **settings).options["scenarios"]["requests"]
    assert scenario["preAllocatedVUs"] == 9
    assert scenario["stages"][:2] == [{"duration": "1s", "target": 140}, {"duration": "3s", "target": 140}]
    refused = drive("open", {"default": (0, 0)}, BASE_URL=api.url, RATE="many")
    assert 'RATE must be a number, not "many"' in refused.stderr
    unknown = drive("open", {"default": (0, 0)}, BASE_URL=api.url, PROFILE="nope")
    assert 'PROFILE must be one of open, cold, skewed, burst, lanes, not "nope"' in unknown.stderr


def _thresholds(ran: Outcome) -> set[tuple[str, str]]:
    return {(name, bound) for name, bounds in ran.options["thresholds"].items() for bound in bounds}


def _summary_says_it(ran: Outcome) -> None:
    for row, metric in (("hits", "hit_duration"), ("misses", "miss_duration"), ("all", "answer_duration")):
        count = ran.value(metric, "count")
        times = [f"{ran.value(metric, stat):.1f}" if count else "-" for stat in ("med", "p(95)", "p(99)", "max")]
        cells = ran.table[row]
        assert [cells[0], *cells[2:]] == [f"{count:.0f}", *times]
    hits, misses = ran.value("text_hits", "count"), ran.value("text_misses", "count")
    assert (
        f"success 100.00 %, cached {100 * hits / (hits + misses):.2f} % of {hits + misses:.0f} texts"
        in ran.outputs["stdout"]
    )


def _mixed_as_the_profile_says(scenario: str, ran: Outcome) -> None:
    requests, hits = USERS * EACH, ran.value("text_hits", "count")
    texts = hits + ran.value("text_misses", "count")
    if scenario == "skewed":
        assert texts > 1.5 * requests
        assert hits > 0
    else:
        assert texts == requests
        assert hits == 0 if scenario == "cold" else 0.9 * requests < hits < requests


def _jobs_were_polled(ran: Outcome) -> None:
    assert ran.value("job_success", "passes") == ran.value("job_duration", "count") == 1
    assert ran.table["jobs"][0] == "1"
    assert ran.slept
    assert min(ran.slept) >= 1  # what Retry-After says at least


def test_the_summary_goes_to_a_file(api: Api, tmp_path: Path) -> None:
    path = str(tmp_path / "summary.json")
    ran = run(api, "headline", SUMMARY_FILE=path, SALT="mine", SEED="3")
    written = json.loads(ran.outputs[path])
    assert written["scenario"] == "headline"
    assert written["slo_met"] is True
    model = {"labels": ["NEGATIVE", "POSITIVE"], "several": False}
    assert written["setup_data"] == {"profile": "headline", "seed": 3, "salt": "mine", "model": model}
    assert written["metrics"] == ran.data["metrics"]


def test_labels_are_those_of_the_model(tmp_path: Path) -> None:
    service = Service(tmp_path)
    try:
        folder = write_model(tmp_path / "feelings", 2, ("joy", "anger", 'so "so"'), task="multi-label")
        service.start_worker(model_dir=str(folder))
        ran = run(service.start_api(), "lanes")
    finally:
        service.stop()
    assert not ran.failed_checks
    assert ran.value("success", "rate") == ran.value("job_success", "rate") == 1.0


def test_a_salt_of_its_own_makes_every_run_new(service: Service, api: Api) -> None:
    run(api, "headline", SALT="again")
    before = len(service.calls())
    repeated = run(api, "headline", SALT="again")
    assert len(service.calls()) == before
    assert repeated.failed_checks == {"cached as expected"}
    assert repeated.crossed == {"checks"}


def test_a_key_and_a_prefix_reach_the_service(service: Service) -> None:
    guarded = service.start_api(api_keys="sesame", path_prefix="/elsewhere")
    ran = run(guarded, "open", API_KEY="sesame", PREFIX="/elsewhere")
    assert ran.value("success", "rate") == 1.0
    refused = drive("open", {"default": (1, 1)}, BASE_URL=guarded.url, PREFIX="/elsewhere")
    assert refused.returncode != 0
    assert "the warm-up at" in refused.stderr
    assert "was answered with 401" in refused.stderr
