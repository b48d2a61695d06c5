from collections.abc import Iterator

from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric as Family

from api.metrics.families import fleet_families, own_families, work_families
from api.metrics.tallies import Histogram, Tallies
from shared.broker.fleet import Fleet, RegisteredProcess
from tests.unit.shared.broker.scripts.test_work import WORK


class Families:
    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        return iter(self._families)


def lines(families: list[Family]) -> list[str]:
    return generate_latest(Families(families)).decode().splitlines()


def test_a_bound_belongs_to_its_bucket_and_the_rest_to_the_last() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 1]
    assert histogram.total == 14.0


def test_buckets_are_cumulative_and_end_with_the_count() -> None:
    tallies = Tallies()
    for seconds in (0.0004, 0.003, 9.0):
        tallies.request("POST", "/project/predict", 200, "miss", seconds)
    found = lines(own_families(tallies, 0))
    name = "sentiment_http_request_duration_seconds"
    assert any(line.startswith(f"{name}_bucket") and 'le="0.0005"' in line and line.endswith(" 1.0") for line in found)
    assert any(f"{name}_bucket" in line and 'le="+Inf"' in line and line.endswith(" 3.0") for line in found)
    assert any(line.startswith(f"{name}_count") and line.endswith(" 3.0") for line in found)


def test_a_made_up_method_makes_no_label() -> None:
    tallies = Tallies()
    tallies.request("BREW", "none", 405, "none", 0.001)
    assert list(tallies.requests) == [("other", "none", "405", "none")]


def test_workers_count_by_lane_and_version() -> None:
    fleet = Fleet(
        0,
        "v2",
        (RegisteredProcess("a", "v1", 1, 0, 0, 50.0), RegisteredProcess("b", "v2", 2, 0, 0, 70.0, "interactive")),
    )
    found = lines(fleet_families(fleet, {"broker": True, "cache": False}))
    assert 'sentiment_workers{lane="interactive",version="v1"} 1.0' in found
    assert 'sentiment_workers{lane="interactive",version="v2"} 1.0' in found
    assert 'sentiment_workers{lane="bulk",version="v1"} 1.0' in found
    assert not any('lane="bulk",version="v2"' in line for line in found)
    assert 'sentiment_fleet_tokens_per_second{lane="interactive"} 120.0' in found
    assert 'sentiment_model_active_info{version="v2"} 1.0' in found
    assert 'sentiment_up{part="cache"} 0.0' in found


def test_work_is_told_by_lane() -> None:
    found = lines(work_families(WORK))
    assert 'sentiment_backlog_tokens{lane="bulk"} 20.0' in found
    assert 'sentiment_queue_oldest_seconds{lane="interactive"} 0.5' in found
    assert 'sentiment_chunks_resent_total{reason="died"} 2.0' in found
    assert "sentiment_jobs_open 4.0" in found
