"""Every query, on a Prometheus that has scraped the service at work: none about the service comes back empty."""

import math
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from shared.stack.ports import free_port
from tests.monitoring.prometheus import Prometheus, running
from tests.monitoring.queries import RULES, Query, service_queries
from tests.support.jobs import finished, submit
from tests.support.promql import VARIABLES
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

LABELS = {"namespace": VARIABLES["$namespace"], "service": VARIABLES["$service"]}


class Seen(NamedTuple):
    service: Service
    api: Api
    prometheus: Prometheus


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """The service, used twice: what is new in the first round shows its rise in the second."""
    service = Service(tmp_path_factory.mktemp("service"))
    try:
        port = free_port()
        service.start_worker(worker_metrics_port=str(port), state_dir=str(service.folder / "state"))
        api = service.start_api()
        targets = {"sentiment-api": [urlsplit(api.url).netloc], "sentiment-worker": [f"127.0.0.1:{port}"]}
        with running(service.folder / "prometheus", targets, LABELS, RULES) as prometheus:
            for number in (1, 2):
                _use(service, api, f"round {number}")
                wait_for(lambda: _scraped(prometheus, number), "the scrape to have seen it")  # noqa: B023 - at once
            yield Seen(service, api, prometheus)
    finally:
        service.stop()


def _use(service: Service, api: Api, name: str) -> None:
    """Ask for hits and misses, alone and in batches; run a job; be refused, and be too late."""
    for number in range(10):
        body = {"text": f"{name}, text {number}"}
        assert api.client.post("/project/predict", json=body).is_success
        assert api.client.post("/project/predict", json=body).headers["cache-status"] == "sentiment; hit"
    assert api.predict(*(f"{name}, text {number}" for number in range(20))).is_success
    assert finished(api, submit(api, [f"{name}, of a job {number}" for number in range(20)]).json())
    assert api.client.post("/project/predict", json={"text": None}).status_code == 422
    service.hold()
    assert api.predict(f"{name}, too late").status_code == 504
    service.release()


def _scraped(prometheus: Prometheus, late: int) -> bool:
    """Whether Prometheus has seen so many late answers, and all that came before, and has evaluated its rules since."""
    rates = prometheus.query("service:sentiment_slo_errors:rate5m > 0") if late > 1 else [1.0]
    counted = prometheus.query('sentiment_http_requests_total{status="504"}')
    texts = prometheus.query('sum(sentiment_worker_texts_total{lane="interactive"})')
    return counted == [late] and bool(rates) and sum(texts) >= 21 * late


@pytest.mark.parametrize("query", service_queries(), ids=lambda query: query.where)
def test_a_query_about_the_service_has_an_answer(seen: Seen, query: Query) -> None:
    values = seen.prometheus.query(query.expr)
    assert values, query.expr
    assert not all(map(math.isnan, values)), query.expr


def test_no_rule_fails(seen: Seen) -> None:
    groups = seen.prometheus.get("rules")["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}


@pytest.mark.parametrize("name", ["namespace", "service"])
def test_a_dashboards_variables_have_values(seen: Seen, name: str) -> None:
    found = seen.prometheus.get(f"label/{name}/values", **{"match[]": "sentiment_up"})
    assert found == [LABELS[name]]


def test_the_numbers_are_those_of_what_was_asked(seen: Seen) -> None:
    """Twice ten texts asked for twice, a batch of twenty, and one that came too late."""
    counts = {
        'sum(sentiment_http_requests_total{route="/project/predict", cache="hit"})': 20,
        'sum(sentiment_http_requests_total{route="/project/predict", cache="miss"})': 20,
        'sum(sentiment_http_requests_total{route="/project/bulk-predict", status="200"})': 2,
        'sum(sentiment_problems_total{code="deadline-exceeded"})': 2,
        'sum(sentiment_worker_batch_texts_sum{lane="bulk"})': 40,
    }
    assert {query: seen.prometheus.query(query) for query in counts} == {q: [n] for q, n in counts.items()}
