"""The parts of one model process. The parent does not create them, because a fork after an ML runtime's start hangs."""

import logging
import os
import socket
import time
from collections.abc import Callable
from uuid import uuid4

from shared.broker.follow import follow
from shared.broker.keys import Keyspace
from shared.contract.names import Lane
from shared.process import metrics
from shared.process.settings import Settings
from shared.process.tracing import start_tracing
from worker.engines.guarded import GuardedEngine
from worker.health import beat_writer
from worker.lanes.answers import AnswerStore
from worker.lanes.bulk import ChunkRunner
from worker.lanes.inference import Inference
from worker.lanes.interactive import MessageRunner
from worker.lanes.pipe import Pipe
from worker.lanes.turns import Turns
from worker.presence.heartbeat import Heartbeat
from worker.presence.metrics import Counts
from worker.presence.pace import Pace
from worker.presence.sweeper import Sweeper

logger = logging.getLogger(__name__)


class ModelProcess:
    """The parts of a model process: the loaded model, the lanes that use it, and the heartbeat.

    Raises:
        ModelError: the model's files do not match its manifest.
    """

    def __init__(self, settings: Settings) -> None:
        from worker.digests import known_digest  # noqa: PLC0415
        from worker.engines.loading import load_engine  # noqa: PLC0415
        from worker.engines.manifest import load_manifest, model_dir, verify  # noqa: PLC0415

        began = time.perf_counter()
        folder = model_dir(settings)
        manifest = load_manifest(folder)
        verify(folder, manifest, settings.engine, known_digest)
        engine = load_engine(settings.engine, folder, settings.engine_threads)
        model = GuardedEngine(engine, manifest)
        self.tracing = start_tracing(settings, "sentiment-worker")
        self._counts = Counts()  # creates this process's files of counts, which are kept after its end
        self._counts.record(metrics.MODEL, 1, manifest.version, manifest.name, engine.name, engine.variant)
        self._wire(settings, model, Pace(model.warm_up()))
        logger.info(
            "model ready",
            extra={
                "model": manifest.name,
                "version": manifest.version,
                "engine": engine.name,
                "variant": engine.variant,
                "ms": round((time.perf_counter() - began) * 1000),
            },
        )

    def _wire(self, settings: Settings, model: GuardedEngine, pace: Pace) -> None:
        keys = Keyspace(settings.namespace)
        broker = settings.broker.blocking_client(settings.broker.patience)
        # Half of the API's time limit, because a request may wait for a frozen cache both in the API and here.
        cache = settings.cache.blocking_client(settings.cache_timeout / 2)
        process_id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        interactive, bulk = (
            Inference(model, lane, broker, keys, self._counts, self.tracing) for lane in (Lane.INTERACTIVE, Lane.BULK)
        )
        answers = AnswerStore(cache, keys, settings.cache_ttl, self._counts)
        pipe = Pipe(broker)
        messages = MessageRunner(interactive, pace, answers, pipe, keys)
        self.turns = Turns(messages, pipe, keys, settings.worker_lanes)
        self.chunk_runner = ChunkRunner(
            bulk,
            pace,
            answers,
            broker,
            keys,
            process_id=process_id,
            time_limit=settings.task_time_limit,
            keep=settings.job_ttl,
        )
        # Beats must not wait for a lost server as long as results may.
        beats = settings.broker.blocking_client(min(settings.broker.patience, settings.broker.connect_limit))
        sweeper = Sweeper(beats, keys)
        self.heartbeat = Heartbeat(
            model,
            pace,
            beats,
            keys,
            process_id=process_id,
            lanes=settings.worker_lanes,
            on_beat=(
                *self._beats(settings, model),
                sweeper.sweep,
                answers.probe,
            ),
        )
        for server in settings.servers.values():
            follow(server)

    @staticmethod
    def _beats(settings: Settings, model: GuardedEngine) -> list[Callable[[], None]]:
        """Return the functions that write the beats for `worker.health`; none if no folder is set."""
        return [] if settings.state_dir is None else [beat_writer(settings.state_dir, lambda: model.idle_seconds)]


_process: ModelProcess | None = None


def start_process(settings: Settings) -> ModelProcess:
    """Create the parts of this process, and start its heartbeat."""
    global _process  # noqa: PLW0603
    _process = ModelProcess(settings)
    _process.heartbeat.start()
    return _process


def current_process() -> ModelProcess:
    """Return the parts that `start_process` has created."""
    assert _process is not None, "tasks run only in a started pool process"
    return _process
