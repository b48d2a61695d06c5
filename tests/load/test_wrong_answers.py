"""Wrong answers that a script must count."""

import re
from typing import Any

import pytest

from shared.stack.ports import free_port
from tests.load.fake_service import Answer, Fault, fake_service
from tests.load.running import drive, outcome

WARM_UP = 20
SHAPE = "the model's labels, scores that sum to 1 if one label applies, the highest first"


def unavailable(_status: int, _body: Any, _headers: dict[str, str]) -> Answer:
    return 503, {"status": 503}, {"Retry-After": "1"}


def late(_status: int, _body: Any, _headers: dict[str, str]) -> Answer:
    return 504, {"status": 504}, {}


def lower_first(status: int, body: Any, headers: dict[str, str]) -> Answer:
    return status, {"prediction": body["prediction"][::-1]}, headers


def nothing(status: int, _body: Any, headers: dict[str, str]) -> Answer:
    return status, {}, headers


def one_label(status: int, body: Any, headers: dict[str, str]) -> Answer:
    return status, {"prediction": body["prediction"][:1]}, headers


def two_alike(status: int, body: Any, headers: dict[str, str]) -> Answer:
    first, second = body["prediction"]
    return status, {"prediction": [first, second | {"label": first["label"]}]}, headers


def too_much(status: int, _body: Any, headers: dict[str, str]) -> Answer:
    return status, {"prediction": [{"label": "POSITIVE", "score": 1.2}, {"label": "NEGATIVE", "score": -0.2}]}, headers


def failed_text(status: int, _body: Any, headers: dict[str, str]) -> Answer:
    return status, {"prediction": {"error": {"code": "inference_failed", "detail": ""}}}, headers


def silent(status: int, body: Any, _headers: dict[str, str]) -> Answer:
    return status, body, {}


def miscounted(status: int, body: Any, headers: dict[str, str]) -> Answer:
    return status, body, {"Cache-Status": 'sentiment; fwd=miss; detail="hits=1 misses=1"'}


@pytest.mark.parametrize(
    ("fault", "noticed_by"),
    [
        (unavailable, "status is 200"),
        (late, "status is 200"),
        (lower_first, SHAPE),
        (nothing, "one prediction for each text"),
        (one_label, SHAPE),
        (two_alike, SHAPE),
        (too_much, SHAPE),
        (failed_text, SHAPE),
        (silent, "Cache-Status counts every text"),
        (miscounted, "Cache-Status counts every text"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_answer_is_a_failure(fault: Fault, noticed_by: str) -> None:
    with fake_service(fault, patience=WARM_UP + 10) as server:
        ran = outcome("headline", {"default": (1, 40)}, BASE_URL=server.url)
    assert ran.value("success", "passes") == 10
    assert ran.value("success", "fails") == 30
    assert ran.failed_checks == {noticed_by}
    assert ran.crossed == {"success", "checks"}
    assert "The SLO is NOT met." in ran.outputs["stdout"]
    assert f"failed 30 times: {noticed_by}" in ran.outputs["stdout"]
    assert "success 25.00 %" in ran.outputs["stdout"]


def test_a_right_answer_is_none() -> None:
    with fake_service(lambda *right: right) as server:
        ran = outcome("headline", {"default": (2, 40)}, BASE_URL=server.url)
    assert not ran.failed_checks
    assert not ran.crossed
    assert "The SLO is met." in ran.outputs["stdout"]


def test_a_batch_is_a_hit_only_if_all_of_it_was_cached() -> None:
    with fake_service(lambda *right: right) as server:
        ran = outcome("skewed", {"default": (1, 300)}, BASE_URL=server.url)
    assert ran.value("hit_duration", "count") == server.wholly_cached
    assert ran.value("miss_duration", "count") == 300 - server.wholly_cached
    assert ran.value("text_hits", "count") > server.wholly_cached > 0


def test_answers_in_another_order_are_noticed() -> None:
    def reversed_batch(status: int, body: Any, headers: dict[str, str]) -> Answer:
        return status, {name: value[::-1] if name == "predictions" else value for name, value in body.items()}, headers

    with fake_service(reversed_batch, patience=200) as server:
        ran = outcome("skewed", {"default": (1, 400)}, BASE_URL=server.url)
    assert ran.failed_checks == {"a text's prediction is the one it had before"}
    assert "success" in ran.crossed


def test_a_missing_prediction_in_a_batch_is_noticed() -> None:
    def shorter(status: int, body: Any, headers: dict[str, str]) -> Answer:
        return status, {name: value[:-1] if name == "predictions" else value for name, value in body.items()}, headers

    with fake_service(shorter) as server:
        ran = outcome("skewed", {"default": (1, 50)}, BASE_URL=server.url)
    assert ran.failed_checks == {"one prediction for each text"}
    assert "success" in ran.crossed


def test_a_slow_answer_crosses_a_threshold() -> None:
    with fake_service(lambda *right: right) as server:
        ran = outcome("headline", {"default": (1, 60)}, BASE_URL=server.url, HITS_P99="0", MISSES_P99="0")
    assert ran.data["metrics"]["hit_duration"]["thresholds"] == {"p(99)<0": {"ok": False}}
    assert ran.data["metrics"]["miss_duration"]["thresholds"] == {"p(99)<0": {"ok": False}}
    assert len(re.findall(r"own {2}(?:hit|miss)_duration p\(99\)<0 +CROSSED", ran.outputs["stdout"])) == 2


@pytest.mark.parametrize(
    ("job", "noticed_by"),
    [
        ((200, {"status": "failed"}, {}), "job succeeded"),
        ((410, {"status": 410}, {}), "job succeeded"),
        ((200, {"status": "processing"}, {"Retry-After": "1"}), "job succeeded"),
        ((200, {"status": "succeeded"}, {}), "job has a prediction for each text"),
    ],
    ids=["failed", "expired", "never done", "without results"],
)
def test_a_job_that_goes_wrong_is_a_failure(job: Answer, noticed_by: str) -> None:
    with fake_service(lambda *right: right, job=job) as server:
        ran = outcome("lanes", {"default": (0, 0), "jobs": (1, 1)}, BASE_URL=server.url, JOB_SECONDS="1")
    assert ran.failed_checks == {noticed_by}
    assert ran.crossed == {"checks", "job_success"}


def test_a_service_that_is_not_there_is_named_at_once() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    ran = drive("headline", {"default": (1, 1)}, BASE_URL=url)
    assert ran.returncode != 0
    assert f"the warm-up at {url}/project was answered with " in ran.stderr
    assert "ECONNREFUSED" in ran.stderr


def test_a_service_that_goes_away_is_a_failure() -> None:
    ran = outcome("cold", {"default": (1, 5)}, BASE_URL=f"http://127.0.0.1:{free_port()}")
    assert ran.value("success", "fails") == 5
    assert ran.crossed == {"success", "checks"}
