"""The heartbeat of a model process, with its self-tests."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.fleet import BEAT_SECONDS, IDLE_TEST_SECONDS
from shared.broker.keys import Keyspace
from shared.broker.scripts import fleet
from shared.broker.scripts.callers import run_blocking
from shared.contract.names import Lane
from worker.engines.guarded import GuardedEngine
from worker.presence.pace import Pace

logger = logging.getLogger(__name__)

_LABELS_IN_BEATS: Final = 2
"""Number of labels that earlier releases of the API know; more are told by the card alone."""


class Heartbeat:
    """A thread that announces the process once a second, and runs a real inference when the process has been idle.

    In a process that hangs in an inference the self-test hangs too, so the process sends no beats and is not live.

    Args:
        model: the announced model.
        pace: the measured speed of this process.
        broker: client of the broker; while it does not answer, beats are skipped.
        keys: the service's key names.
        process_id: unique in the fleet.
        lanes: the queues that this process serves.
        on_beat: functions that are called after each beat.
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
        self._on_beat = on_beat
        self._broker = broker
        self._announced = False
        self._card = model.card.encode()
        self._card_stored = False
        self._asked = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Announce the process as ready, and send beats until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the beats, and remove the process from the registry."""
        self._stopping.set()
        self._thread.join(timeout=2 * BEAT_SECONDS)
        try:
            run_blocking(self._broker, fleet.leave(self._keys, process_id=self._id))
        except (RedisError, OSError):
            logger.debug("the broker does not answer: this process stays in the registry")

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
            self._pace.tested(self._model.test())
        except Exception as error:
            # The next beats announce no newer inference, so /health reports the process after a while.
            logger.error("self-test failed", extra={"reason": type(error).__name__})

    def _busy(self) -> dict[Lane, float]:
        """Return the share of the time since the last beat that was spent on each lane's work."""
        now = time.monotonic()
        passed, self._asked = now - self._asked, now
        seconds = self._pace.take_seconds()
        return {lane: round(min(1.0, spent / passed), 3) for lane, spent in seconds.items()}

    def _announce(self) -> None:
        labels = self._model.labels
        announcement = fleet.Announcement(
            version=self._model.version,
            built=self._model.built_at,
            idle=round(min(self._model.idle_seconds, 10.0**6) * 1000),
            rate=round(self._pace.rate, 1),
            lanes=self._lanes,
            busy=self._busy(),
            labels=labels if len(labels) == _LABELS_IN_BEATS else (),
            engine=self._model.engine,
            variant=self._model.variant,
        )
        beat = fleet.beat(
            self._keys,
            process_id=self._id,
            announcement=announcement,
            ready=not self._announced,
            card=b"" if self._card_stored else self._card,
        )
        try:
            _, self._card_stored = run_blocking(self._broker, beat)
        except (RedisError, OSError) as error:
            logger.debug("beat missed", extra={"reason": type(error).__name__})
        else:
            self._announced = True
