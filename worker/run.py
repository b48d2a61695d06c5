"""``python -m worker run``: Celery with the settings that this product needs."""

import os
import sys

from shared.cpus import available_cpus
from shared.redis_options import tls_options
from shared.settings import Settings
from worker.manifest import load_manifest, verify
from worker.process import model_dir


def run(settings: Settings) -> int:
    """Serve the queues until SIGTERM; what runs is finished, what waits is given back.

    Raises:
        ModelError: the model's files are not what its manifest says; nothing has been started.
    """
    folder = model_dir(settings)
    verify(folder, load_manifest(folder), settings.engine)
    from worker.app import app  # noqa: PLC0415

    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={settings.worker_processes or available_cpus()}",
            f"--queues={','.join(settings.worker_lanes)}",
            f"--hostname=sentiment-{os.getpid()}@%h",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
        ]
    )
    return 0


def activate(settings: Settings, version: str) -> int:
    """Make a live version the active one; see `activate.lua`."""
    from redis import Redis  # noqa: PLC0415

    from shared.fleet import LIVE_MS  # noqa: PLC0415
    from shared.keys import Keyspace  # noqa: PLC0415
    from shared.scripts import Script  # noqa: PLC0415

    keys = Keyspace(settings.namespace)
    url = settings.broker_url.get_secret_value()
    with Redis.from_url(url, socket_timeout=5, protocol=2, **tls_options(url, settings)) as broker:
        script = broker.register_script(Script.ACTIVATE.source)
        done = script(keys=[keys.workers, keys.active, keys.models], args=[keys.events, version, LIVE_MS])
        known = sorted(name.decode() for name in broker.hkeys(keys.models))
    if not done:
        sys.stderr.write(f"No live worker serves version {version}. Known versions: {', '.join(known) or 'none'}.\n")
        return 1
    sys.stdout.write(f"Version {version} is active.\n")
    return 0
