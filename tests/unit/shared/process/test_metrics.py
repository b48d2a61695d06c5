import re
from pathlib import Path

import pytest

from shared.process import metrics
from shared.process.metrics import Kind, Metric

EVERY = [*metrics.API, *metrics.WORKER]
DOCS = Path(__file__).parents[4] / "docs" / "metrics.md"


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


def test_the_documentation_lists_them_all_and_no_others() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| (.*) \|$", DOCS.read_text(), re.MULTILINE)
    listed = [(name, kind, tuple(re.findall(r"`(\w+)`", labels)), text) for name, kind, labels, text in rows]
    assert listed == [(metric.name, metric.kind, metric.labels, metric.text) for metric in EVERY]
