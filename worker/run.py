"""``python -m worker run``: Celery with the settings that this product needs."""

import gc
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

from shared.contract.errors import SentimentError
from shared.process.settings import Settings
from shared.process.tracing import require_tracing
from worker.engines.loading import advice
from worker.engines.manifest import load_manifest, model_dir, verify
from worker.health import take_folder
from worker.presence.metrics import expose

logger = logging.getLogger(__name__)

_ACTIVATE_SECONDS = 5.0
"""Longest wait of `activate` for the broker."""


def run(settings: Settings) -> int:
    """Serve the queues until SIGTERM; what runs is finished, what waits is given back.

    Raises:
        ModelError: the model's files are not what its manifest says; nothing has been started.
    """
    gc.disable()
    folder = model_dir(settings)
    manifest = load_manifest(folder)
    with ThreadPoolExecutor(1) as pool:  # beside the imports: digests leave the interpreter alone
        checked = pool.submit(verify, folder, manifest, settings.engine)
        from worker.queue.program import make_worker  # noqa: PLC0415

        checked.result()
    _prepare(settings)
    worker = make_worker(settings)
    if advised := advice(settings.engine, manifest):
        logger.warning(advised)
    # What is there now is there for good. Each fork begins with a collection, and so does much of what follows it.
    gc.freeze()
    gc.enable()
    worker.start()
    return int(worker.exitcode or 0)


def _prepare(settings: Settings) -> None:
    """Make ready what others will see of this worker."""
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
    """Make a live version the active one; see `activate.lua`."""
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
