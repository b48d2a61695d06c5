"""A worker's metrics for Prometheus: counted where a port is set, and free where none is.

The model processes count, each into files of its own in the worker's folder (prometheus_client's multi-process mode);
the parent adds them up for each scrape. The files of a process that has died still count.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.process.metrics import WORKER, Kind, Metric

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Counts:
    """Counts into the files of this process; does nothing where `expose` was not called in its parent."""

    def __init__(self) -> None:
        families = WORKER if _FOLDER in os.environ else ()
        self._families = {metric.name: _make(metric) for metric in families}
        self._writers: dict[tuple[str, ...], Callable[[float], None]] = {}

    def record(self, metric: Metric, value: float, *labels: str) -> None:
        """Add a value to a counter, set a gauge to it, or sort it into a histogram.

        Args:
            metric: one of `shared.process.metrics.WORKER`.
            value: in the metric's unit.
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
    """Serve the counts of the model processes, from a thread of this process.

    Args:
        state_dir: the worker's folder; what an earlier run has counted in there is removed.
        port: where Prometheus asks; on every address, since it asks from elsewhere.

    Raises:
        OSError: the port is taken, or the folder cannot be written to.
    """
    folder = state_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[_FOLDER] = str(folder)  # read by prometheus_client when it is imported, here and in what is forked
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
    registry = CollectorRegistry()  # only the files count
    if metric.kind is Kind.HISTOGRAM:
        return Histogram(metric.name, metric.text, labels, buckets=metric.buckets, registry=registry)
    if metric.kind is Kind.COUNTER:
        return Counter(metric.name, metric.text, labels, registry=registry)
    return Gauge(metric.name, metric.text, labels, multiprocess_mode="max", registry=registry)
