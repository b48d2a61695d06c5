import re

import pytest

from shared.process import metrics
from shared.process.metrics import Kind, Metric

EVERY = [*metrics.API, *metrics.WORKER]


def test_every_metric_is_listed_and_named_once() -> None:
    defined = [value for value in vars(metrics).values() if isinstance(value, Metric)]
    assert sorted(defined) == sorted(EVERY)
    assert len({metric.name for metric in EVERY}) == len(EVERY)


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Metric) -> None:
    assert re.fullmatch(r"sentiment_[a-z]+(_[a-z]+)*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(metric.buckets)
    assert not re.search(r"_(ms|milliseconds|kb|mb)(_|$)", metric.name)
