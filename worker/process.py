"""What one pool process holds. The parent never builds it: forking after an ML runtime has started deadlocks."""

import logging
import time
from pathlib import Path

from redis import Redis

from shared.keys import Keyspace
from shared.settings import Settings
from worker.classifier import Classifier
from worker.heartbeat import Heartbeat
from worker.model_process import ModelProcess

logger = logging.getLogger(__name__)

_BROKER_TIMEOUT = 5.0
_DEFAULT_MODEL = Path(__file__).parent / "model"


def model_dir(settings: Settings) -> Path:
    """Return the folder of the baked model: the setting's, or the package's own."""
    return settings.model_dir or _DEFAULT_MODEL


class WorkerProcess:
    """A loaded and warmed model, the classifier around it, and its heartbeat.

    Raises:
        ModelError: the model's files are not what its manifest says.
    """

    def __init__(self, settings: Settings) -> None:
        from worker.engines.base import load_engine  # noqa: PLC0415
        from worker.manifest import load_manifest, verify  # noqa: PLC0415

        began = time.perf_counter()
        folder = model_dir(settings)
        manifest = load_manifest(folder)
        verify(folder, manifest)
        engine = load_engine(settings.engine, folder, settings.engine_threads)
        keys = Keyspace(settings.namespace)
        broker = Redis.from_url(
            settings.broker_url.get_secret_value(),
            socket_timeout=_BROKER_TIMEOUT,
            socket_connect_timeout=_BROKER_TIMEOUT,
            protocol=2,
        )
        cache = Redis.from_url(
            settings.cache_url.get_secret_value(),
            socket_timeout=settings.cache_timeout,
            socket_connect_timeout=settings.cache_timeout,
            protocol=2,
        )
        model = ModelProcess(engine, manifest.version, manifest.built_at)
        model.warm_up()
        self.classifier = Classifier(model, broker, cache, keys, settings.cache_ttl)
        self.heartbeat = Heartbeat(model, broker, keys)
        logger.info(
            "model ready",
            extra={
                "model": manifest.name,
                "version": manifest.version,
                "engine": engine.name,
                "ms": round((time.perf_counter() - began) * 1000),
            },
        )


_process: WorkerProcess | None = None


def start_process(settings: Settings) -> WorkerProcess:
    """Build this process's model once and announce it."""
    global _process  # noqa: PLW0603
    _process = WorkerProcess(settings)
    _process.heartbeat.start()
    return _process


def current_process() -> WorkerProcess:
    """Return what `start_process` built."""
    assert _process is not None, "tasks run only in a started pool process"
    return _process
