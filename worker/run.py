"""``python -m worker run``: a Celery worker with the product's settings; and the switch of the active version."""

import gc
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

from shared.broker.cluster import require_no_cluster
from shared.broker.follow import follow
from shared.contract.errors import SentimentError
from shared.process.imports import without_unused
from shared.process.settings import Settings
from shared.process.tracing import require_tracing
from worker.digests import known_digest
from worker.engines.loading import advice
from worker.engines.manifest import load_manifest, model_dir, verify
from worker.health import take_folder
from worker.presence.metrics import expose

logger = logging.getLogger(__name__)

_ACTIVATE_SECONDS = 5.0
"""Longest wait of `activate` for the broker."""


def run(settings: Settings) -> int:
    """Serve the queues until SIGTERM; running tasks are finished, waiting messages are put back.

    The caller has disabled the garbage collector.

    Returns:
        The exit code of the worker.

    Raises:
        ModelError: the model's files do not match its manifest; no process has been started.
        SentimentError: a Redis is part of a cluster.
    """
    require_no_cluster(settings.servers)
    folder = model_dir(settings)
    manifest = load_manifest(folder)
    with ThreadPoolExecutor(1) as pool:  # digests are computed without the interpreter's lock, during the imports
        checked = pool.submit(verify, folder, manifest, settings.engine, known_digest)
        with without_unused():
            from worker.queue.program import make_worker  # noqa: PLC0415

        checked.result()
    _prepare(settings)
    worker = make_worker(settings)
    if advised := advice(settings.engine, manifest):
        logger.warning(advised)
    # All objects that exist now stay. Frozen objects are skipped by the collections at each fork and after it.
    gc.freeze()
    gc.enable()
    follow(settings.broker)
    worker.start()
    return int(worker.exitcode or 0)


def _prepare(settings: Settings) -> None:
    """Check the settings of traces, lock the state folder, and serve the metrics."""
    require_tracing(settings)
    state = settings.state_dir
    if state is not None:
        try:
            take_folder(state)
        except OSError as error:
            raise SentimentError(f"{state} cannot be this worker's own folder: {error.strerror}") from None
    port = settings.worker_metrics_port
    if port is not None:
        try:
            expose(state or Path(mkdtemp(prefix="sentiment-worker-")), port)
        except OSError as error:
            raise SentimentError(f"no metrics can be served at port {port}: {error.strerror}") from None


def activate(settings: Settings, version: str) -> int:
    """Make a live model version the active one, and return the exit code: 1 if no live worker serves the version."""
    from shared.broker.keys import Keyspace  # noqa: PLC0415
    from shared.broker.scripts import fleet  # noqa: PLC0415
    from shared.broker.scripts.callers import run_blocking  # noqa: PLC0415

    keys = Keyspace(settings.namespace)
    with settings.broker.blocking_client(_ACTIVATE_SECONDS) as broker:
        done = run_blocking(broker, fleet.activate(keys, version=version))
        known = sorted(name.decode() for name in broker.hkeys(keys.models))
    if not done:
        sys.stderr.write(f"No live worker serves version {version}. Known versions: {', '.join(known) or 'none'}.\n")
        return 1
    sys.stdout.write(f"Version {version} is active.\n")
    return 0
