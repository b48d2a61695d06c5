"""A worker's metrics for Prometheus; without a port for them, nothing is counted.

Each model process counts into its own files in the worker's folder (prometheus_client's multi-process mode). The parent
adds the files up for each scrape, also those of processes that have died.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.process.metrics import WORKER, Kind, Metric

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Counts:
    """Counts into the files of this process; does nothing if the parent has not called `expose`."""

    def __init__(self) -> None:
        families = WORKER if _FOLDER in os.environ else ()
        self._families = {metric.name: _make(metric) for metric in families}
        self._writers: dict[tuple[str, ...], Callable[[float], None]] = {}

    def record(self, metric: Metric, value: float, *labels: str) -> None:
        """Add a value to a counter, set a gauge to it, or add it to a histogram.

        Args:
            metric: one of `shared.process.metrics.WORKER`.
            value: a value in the metric's unit.
            labels: a value for each of the metric's labels.
        """
        if self._families:
            key = (metric.name, *labels)
            writer = self._writers.get(key)
            if writer is None:
                writer = self._writers[key] = self._writer(metric, labels)
            writer(value)

    def _writer(self, metric: Metric, labels: tuple[str, ...]) -> Callable[[float], None]:
        family = self._families[metric.name]
        sample = family.labels(*labels) if labels else family
        method = {Kind.COUNTER: "inc", Kind.GAUGE: "set", Kind.HISTOGRAM: "observe"}[metric.kind]
        writer: Callable[[float], None] = getattr(sample, method)
        return writer


def expose(state_dir: Path, port: int) -> None:
    """Serve the counts of all model processes, in a thread of this process.

    Args:
        state_dir: the worker's folder; counts of an earlier run in it are removed.
        port: port of the metrics; on all addresses, because Prometheus is on another machine.

    Raises:
        OSError: the port is in use, or the folder cannot be written.
    """
    folder = state_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[_FOLDER] = str(folder)  # prometheus_client reads it at its import, here and in forked processes
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    start_http_server(port, registry=registry)
    for file in folder.iterdir():
        file.unlink()


def _make(metric: Metric) -> Any:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

    labels = metric.labels
    registry = CollectorRegistry()  # not used: the counts are in the files
    if metric.kind is Kind.HISTOGRAM:
        return Histogram(metric.name, metric.text, labels, buckets=metric.buckets, registry=registry)
    if metric.kind is Kind.COUNTER:
        return Counter(metric.name, metric.text, labels, registry=registry)
    return Gauge(metric.name, metric.text, labels, multiprocess_mode="max", registry=registry)
