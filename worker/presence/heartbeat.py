"""Saying that this model process is there, and proving it."""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.fleet import BEAT_SECONDS, IDLE_TEST_SECONDS, LIVE_MS
from shared.broker.keys import Keyspace
from shared.broker.scripts import Script
from shared.contract.names import Lane
from worker.engines.guarded import GuardedEngine
from worker.presence.pace import Pace

logger = logging.getLogger(__name__)


class Heartbeat:
    """A thread that announces the process once a second and runs a real inference when it has been idle.

    A process that is stuck in one inference cannot test itself, stops beating, and is soon not counted on any longer.

    Args:
        model: what is announced.
        pace: how fast it works.
        broker: client of the broker; while it is away, beats are missed and nothing else happens.
        keys: where the registry lives.
        process_id: unique in the fleet.
        lanes: the queues that this process serves.
        on_beat: what else is done once a second.
    """

    def __init__(
        self,
        model: GuardedEngine,
        pace: Pace,
        broker: Redis,
        keys: Keyspace,
        *,
        process_id: str,
        lanes: Sequence[Lane],
        on_beat: Sequence[Callable[[], None]],
    ) -> None:
        self._model = model
        self._pace = pace
        self._keys = keys
        self._id = process_id
        self._lanes = ",".join(lanes)
        self._labels = json.dumps(model.labels)
        self._on_beat = on_beat
        self._beat = broker.register_script(Script.BEAT.source)
        self._leave = broker.register_script(Script.LEAVE.source)
        self._announced = False
        self._asked = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Announce the process as ready and go on beating."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the registry at once, so that nobody counts on this process any longer."""
        self._stopping.set()
        self._thread.join(timeout=2 * BEAT_SECONDS)
        try:
            self._leave(keys=[self._keys.workers], args=[self._keys.events, self._id])
        except (RedisError, OSError):
            logger.debug("leaving without a word: the broker is away")

    def _run(self) -> None:
        while True:
            self._test_if_idle()
            self._announce()
            for do in self._on_beat:
                do()
            if self._stopping.wait(BEAT_SECONDS):
                return

    def _test_if_idle(self) -> None:
        if self._model.idle_seconds < IDLE_TEST_SECONDS:
            return
        try:
            self._model.test()
        except Exception as error:
            # Not announced as proven; /health says so after a while.
            logger.error("self-test failed", extra={"reason": type(error).__name__})

    def _busy(self) -> str:
        """Return as JSON which share of the time since the last beat went into each lane's work."""
        now = time.monotonic()
        passed, self._asked = now - self._asked, now
        seconds = self._pace.take_seconds()
        return json.dumps({lane: round(min(1.0, spent / passed), 3) for lane, spent in seconds.items()})

    def _announce(self) -> None:
        keys = [self._keys.workers, self._keys.active, self._keys.models]
        model = self._model
        idle = round(min(model.idle_seconds, 10.0**6) * 1000)
        arguments: list[str | int | float] = [
            self._keys.events,
            self._id,
            model.version,
            model.built_at,
            idle,
            round(self._pace.rate, 1),
        ]
        arguments += [int(not self._announced), LIVE_MS, self._lanes, self._busy(), self._labels]
        try:
            self._beat(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            logger.debug("beat missed", extra={"reason": type(error).__name__})
        else:
            self._announced = True
