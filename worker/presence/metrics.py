"""What a worker counts: nothing by default, and for Prometheus where a port is set.

The model processes count, each into files of its own in the worker's folder (prometheus_client's multi-process mode);
the parent adds them up for each scrape. A process that has died goes on counting with what it had.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.contract.names import Lane
from shared.process import metrics
from shared.process.metrics import Kind, Metric

if TYPE_CHECKING:
    from worker.engines.manifest import Manifest

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Counts:
    """Counts nothing: what a worker has that nobody watches."""

    def batch(self, lane: Lane, texts: int) -> None:
        """Count a message or a chunk of so many texts."""

    def inference(self, seconds: float, *, failed: bool) -> None:
        """Count a forward pass."""

    def texts(self, lane: Lane, *, computed: int, known: int, late: int, tokens: int) -> None:
        """Count what became of texts, and the estimated tokens that were computed for them."""

    def cache_lost(self) -> None:
        """Count that the cache went away."""

    def model(self, manifest: "Manifest", engine: str) -> None:
        """Tell which model is held."""


class PrometheusCounts(Counts):
    """Counts into the files of this process."""

    def __init__(self) -> None:
        self._batch = _make(metrics.BATCH)
        self._inference = _make(metrics.INFERENCE)
        self._failures = _make(metrics.FAILURES)
        self._tokens = _make(metrics.TOKENS)
        self._texts = _make(metrics.TEXTS)
        self._cache_lost = _make(metrics.STORE_ERRORS)
        self._model = _make(metrics.MODEL)

    def batch(self, lane: Lane, texts: int) -> None:
        """See `Counts`."""
        self._batch.labels(lane.value).observe(texts)

    def inference(self, seconds: float, *, failed: bool) -> None:
        """See `Counts`."""
        self._inference.observe(seconds)
        if failed:
            self._failures.inc()

    def texts(self, lane: Lane, *, computed: int, known: int, late: int, tokens: int) -> None:
        """See `Counts`."""
        for outcome, count in (("computed", computed), ("known", known), ("late", late)):
            self._texts.labels(lane.value, outcome).inc(count)
        self._tokens.labels(lane.value).inc(tokens)

    def cache_lost(self) -> None:
        """See `Counts`."""
        self._cache_lost.inc()

    def model(self, manifest: "Manifest", engine: str) -> None:
        """See `Counts`."""
        self._model.labels(manifest.version, manifest.name, engine).set(1)


def counts() -> Counts:
    """Return what this process counts with: `expose` in the parent decides."""
    return PrometheusCounts() if _FOLDER in os.environ else Counts()


def expose(state_dir: Path, port: int) -> None:
    """Serve what the model processes will count, from a thread of this one.

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

    labels: Sequence[str] = metric.labels
    registry = CollectorRegistry()  # only the files count
    if metric.kind is Kind.HISTOGRAM:
        return Histogram(metric.name, metric.text, labels, buckets=metric.buckets, registry=registry)
    if metric.kind is Kind.COUNTER:
        return Counter(metric.name, metric.text, labels, registry=registry)
    return Gauge(metric.name, metric.text, labels, multiprocess_mode="max", registry=registry)
