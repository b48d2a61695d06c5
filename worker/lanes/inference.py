"""One text's inference: what it gives, what it costs, and what happens if it raises or does not come back."""

import logging
import time
from collections.abc import Sequence

from redis import Redis

from shared.broker.keys import Keyspace, text_key
from shared.contract.jobs import CRASHED, MAX_TRIES, TRIES_SECONDS
from shared.contract.results import FAILURE, Result
from worker.engines.guarded import ModelProcess
from worker.presence.metrics import Counts

logger = logging.getLogger(__name__)


class Inference:
    """Forward passes whose failures are results.

    Args:
        model: computes predictions.
        broker: client of the broker, where the tries of suspects are counted.
        keys: where they are.
        counts: takes note of each pass.
    """

    def __init__(self, model: ModelProcess, broker: Redis, keys: Keyspace, counts: Counts) -> None:
        self._model = model
        self._broker = broker
        self._keys = keys
        self.counts = counts

    @property
    def version(self) -> str:
        """The model version."""
        return self._model.version

    def key(self, text: str) -> str:
        """Name a text's answer under this model."""
        return text_key(self._model.version, text)

    def run(self, text: str) -> Result:
        """Compute one text; what the engine raises is that text's failure and nobody else's."""
        began = time.perf_counter()
        try:
            body = self._model.predict(text)
        except Exception as error:
            # The message of an engine's error may quote the text, so only its type is logged.
            logger.error("inference failed", extra={"reason": type(error).__name__})
            body = FAILURE
        seconds = time.perf_counter() - began
        self.counts.inference(seconds, failed=body is FAILURE)
        return Result(self._model.version, round(seconds * 1e6), body)

    def dangerous(self, keys: Sequence[str]) -> set[str]:
        """Return those of some texts, by their keys, that have killed a process lately: they must run alone.

        Raises:
            RedisError: the broker is away.
        """
        if not keys:
            return set()
        tries = self._broker.mget([self._keys.tries(key) for key in keys])
        return {key for key, tried in zip(keys, tries, strict=True) if tried is not None}

    def run_alone(self, text: str) -> Result:
        """Compute a text that was there when a process died: nothing else runs beside it, so a death is its own.

        Raises:
            RedisError: the broker is away; nothing was computed.
        """
        name = self._keys.tries(self.key(text))
        with self._broker.pipeline(
            transaction=True
        ) as pipe:  # a counter without an end of its life would stay for ever
            pipe.incr(name)
            pipe.expire(name, TRIES_SECONDS)
            tries, _ = pipe.execute()
        if int(tries) > MAX_TRIES:
            logger.error("text given up", extra={"tries": MAX_TRIES})
            return Result(self._model.version, 0, CRASHED)
        result = self.run(text)
        self._broker.delete(name)
        return result
