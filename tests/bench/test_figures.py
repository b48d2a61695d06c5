import numpy as np
import pytest

from load.generate.figures import percentiles, series, summarise
from load.generate.records import Cache
from tests.bench.support import records


def test_percentiles_are_interpolated_and_in_milliseconds() -> None:
    found = percentiles(np.arange(0, 101_000, 1000))
    assert found == {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "p99_9": 99.9, "max": 100}


def test_a_summary_counts_everything_and_tells_hits_from_misses() -> None:
    hits = [(1.0, 1000, 200, Cache.HIT)] * 6
    misses = [(1.0, 50_000, 200, Cache.MISS)] * 2
    found = summarise(records(*hits, *misses, (1.0, 900, 503, Cache.NONE), (1.0, 900, 0, Cache.NONE)), seconds=2.0)
    assert found.requests == 10
    assert found.requests_per_second == 5
    assert found.success == pytest.approx(0.8)
    assert found.statuses == {"0": 1, "200": 8, "503": 1}
    assert found.seen == found.expected == {"none": 2, "hits": 6, "misses": 2, "mixed": 0}
    assert found.latency["hits"]["p50"] == 1
    assert found.latency["misses"]["max"] == 50
    assert "mixed" not in found.latency
    assert found.latency["all"]["max"] == 50


def test_an_answer_strays_if_it_is_the_other_of_hit_and_miss() -> None:
    run = records(*[(1.0, 1, 200, seen) for seen in (Cache.HIT, Cache.HIT, Cache.MISS, Cache.MIXED, Cache.NONE)])
    run["expected"] = [Cache.HIT, Cache.MISS, Cache.HIT, Cache.MISS, Cache.HIT]
    assert summarise(run, seconds=1.0).strayed == 2


def test_no_requests_are_no_success() -> None:
    found = summarise(records(), seconds=1.0)
    assert (found.requests, found.success, found.latency) == (0, 0, {})


def test_each_second_by_when_its_requests_began() -> None:
    run = records(
        (10.1, 50_000, 200, Cache.HIT),
        (12.0, 1_500_000, 200, Cache.MISS),  # began in the first second
        (12.5, 100_000, 200, Cache.HIT),
        (13.0, 999, 200, Cache.HIT),
    )
    first, second, third = series(run, begin=10.0, seconds=3.0004)
    assert first["all"]["requests"] == 2
    assert first["misses"] == {"requests": 1, "p50": 1500, "p95": 1500, "p99": 1500}
    assert second == {"second": 1}
    assert third["hits"]["requests"] == 2
