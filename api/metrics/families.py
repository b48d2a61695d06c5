"""Conversion of counts to metric families of prometheus_client."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from api.metrics.tallies import Histogram, Tallies
from shared.broker.fleet import Fleet
from shared.broker.info import RedisInfo
from shared.broker.role import Role
from shared.broker.scripts.work import Work
from shared.contract.names import LANES
from shared.process import metrics
from shared.process.metrics import Kind, Metric

_RESENT = ("died", "lost")
"""Reasons why a chunk is sent again: its process died, or its ticket was lost."""


def own_families(tallies: Tallies, flights: int) -> list[Family]:
    """Return the families of a process's own counts.

    Args:
        tallies: the counts.
        flights: number of distinct texts for which the process waits.
    """
    return [
        _plain(metrics.REQUESTS, tallies.requests),
        _histogram(metrics.DURATION, tallies.durations),
        _plain(metrics.OPEN_REQUESTS, {(): tallies.open_requests}),
        _plain(metrics.PROBLEMS, _labelled(tallies.problems)),
        _plain(metrics.LOOKUPS, _labelled(tallies.lookups)),
        _plain(metrics.CACHE_ERRORS, {(): tallies.cache_errors}),
        _plain(metrics.CLAIMS, _labelled(tallies.claims)),
        _plain(metrics.FLIGHTS, {(): flights}),
        _plain(metrics.FAILOVERS, _labelled(tallies.failovers)),
        _plain(metrics.SETBACKS, _labelled(tallies.setbacks)),
        _histogram(metrics.LAG, {(): tallies.lag}),
    ]


def fleet_families(fleet: Fleet, up: Mapping[str, bool]) -> list[Family]:
    """Return the families of the live workers and of the active version.

    Args:
        fleet: the last known fleet; it is left out while the broker does not answer.
        up: whether broker and cache answer, by name.
    """
    parts = _plain(metrics.UP, {(part,): answers for part, answers in up.items()})
    if not up["broker"]:
        return [parts]
    workers: Counter[tuple[str, ...]] = Counter()
    for lane in LANES:
        workers.update((lane.value, worker.version) for worker in fleet.serving(lane))
    return [
        parts,
        _plain(metrics.WORKERS, workers),
        _plain(metrics.ACTIVE, {(fleet.active,): 1} if fleet.active else {}),
        _plain(metrics.RATE, {(lane.value,): fleet.rate(lane) for lane in LANES}),
    ]


def work_families(work: Work) -> list[Family]:
    """Return the families of the unfinished work."""
    return [
        _plain(metrics.BACKLOG, _labelled(work.tokens)),
        _plain(metrics.UNFINISHED, _labelled(work.items)),
        _plain(metrics.MESSAGES, _labelled(work.messages)),
        _plain(metrics.OLDEST, _labelled(work.oldest)),
        _plain(metrics.JOBS, {(): work.jobs}),
        _plain(metrics.RESENT, _labelled(dict.fromkeys(_RESENT, 0) | work.resent)),
    ]


def redis_families(infos: Mapping[Role, RedisInfo]) -> list[Family]:
    """Return the families about both Redis.

    Args:
        infos: the INFO of each Redis that answers.
    """

    def each(metric: Metric, value: Callable[[RedisInfo], float]) -> Family:
        return _plain(metric, {(part,): value(info) for part, info in infos.items()})

    looked_up: dict[tuple[str, ...], float] = {(part, "hit"): info.hits for part, info in infos.items()}
    looked_up |= {(part, "miss"): info.misses for part, info in infos.items()}
    return [
        each(metrics.REDIS_MEMORY, lambda info: info.memory),
        each(metrics.REDIS_LIMIT, lambda info: info.memory_limit),
        each(metrics.REDIS_EVICTS, lambda info: info.evicts),
        each(metrics.REDIS_EVICTED, lambda info: info.evicted),
        _plain(metrics.REDIS_LOOKUPS, looked_up),
        each(metrics.REDIS_COMMANDS, lambda info: info.commands),
        each(metrics.REDIS_CLIENTS, lambda info: info.clients),
        each(metrics.REDIS_APPEND_ONLY, lambda info: info.append_only),
        each(metrics.REDIS_WRITE_OK, lambda info: info.write_ok),
        each(metrics.REDIS_UPTIME, lambda info: info.uptime),
    ]


Name = TypeVar("Name", bound=str)


def _labelled(values: Mapping[Name, float]) -> dict[tuple[str, ...], float]:
    return {(str(name),): value for name, value in values.items()}


def _plain(metric: Metric, values: Mapping[tuple[str, ...], float]) -> Family:
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(metric.name, metric.text, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, float(value))
    return family


def _histogram(metric: Metric, values: Mapping[tuple[str, ...], Histogram]) -> Family:
    family = HistogramMetricFamily(metric.name, metric.text, labels=metric.labels)
    for labels, histogram in values.items():
        family.add_metric(labels, list(_buckets(histogram)), histogram.total)
    return family


def _buckets(histogram: Histogram) -> Iterable[tuple[str, float]]:
    """Return cumulative buckets: each counts all values that are not larger than its bound."""
    bounds = [floatToGoString(bound) for bound in (*histogram.bounds, float("inf"))]  # type: ignore[no-untyped-call]
    return zip(bounds, accumulate(histogram.counts), strict=True)
