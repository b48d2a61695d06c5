"""The inference of one text, its counts, and the handling of texts that fail or end their process."""

import logging
import time
from collections.abc import Sequence

from redis import Redis

from shared.broker.keys import Keyspace, text_key
from shared.contract.jobs import CRASHED, MAX_TRIES, TRIES_SECONDS
from shared.contract.names import Lane
from shared.contract.predictions import encode_prediction
from shared.contract.record import Facts
from shared.contract.results import FAILURE, Result
from shared.process import metrics
from worker.engines.base import TextScores
from worker.engines.guarded import GuardedEngine
from worker.presence.metrics import Counts

logger = logging.getLogger(__name__)


class Inference:
    """Runs the forward passes of one lane; a failed pass has an error as its result.

    Args:
        model: computes scores.
        lane: the lane, for the metrics.
        broker: client of the broker, where tries are counted.
        keys: the service's key names.
        counts: counts the passes.
    """

    def __init__(self, model: GuardedEngine, lane: Lane, broker: Redis, keys: Keyspace, counts: Counts) -> None:
        self._model = model
        self._lane = lane
        self._broker = broker
        self._keys = keys
        self.counts = counts

    @property
    def version(self) -> str:
        """The model version."""
        return self._model.version

    def key(self, text: str) -> str:
        """Return the key of a text's answer under this model."""
        return text_key(self._model.version, text)

    def run(self, text: str, tokens: int) -> Result:
        """Compute one text and return its result; if the engine raises, the result is an error.

        Args:
            text: the text.
            tokens: its estimated tokens, for the metrics.
        """
        began = time.perf_counter()
        try:
            record = self._model.classify(text)
            body = encode_prediction(record.scores, self._model.labels)
            facts = _facts(record)
            head = facts.encode()
        except Exception as error:
            # The message of an engine's error may quote the text, so only its type is logged.
            logger.error("inference failed", extra={"reason": type(error).__name__})
            facts, body, head = None, FAILURE, b""
        seconds = time.perf_counter() - began
        self._count(seconds, tokens, facts)
        return Result(self._model.version, round(seconds * 1e6), body, head)

    def _count(self, seconds: float, tokens: int, facts: Facts | None) -> None:
        """Count a pass; its facts are None if it failed."""
        record = self.counts.record
        record(metrics.INFERENCE, seconds)
        record(metrics.FAILURES, facts is None)
        record(metrics.TEXTS, 1, self._lane, "computed")
        record(metrics.TOKENS, tokens, self._lane)
        if facts is None:
            return
        if facts.unknown is not None:
            record(metrics.UNKNOWN_TOKENS, facts.unknown, self._lane)
        if facts.truncated is not None:
            record(metrics.TRUNCATED, facts.truncated, self._lane)

    def dangerous(self, keys: Sequence[str]) -> set[str]:
        """Return the keys of those texts that have ended a process in the last ten minutes and must run alone.

        Raises:
            RedisError: the broker does not answer.
        """
        if not keys:
            return set()
        tries = self._broker.mget([self._keys.tries(key) for key in keys])
        return {key for key, tried in zip(keys, tries, strict=True) if tried is not None}

    def run_alone(self, text: str, tokens: int) -> Result:
        """Compute a text whose earlier run may have ended a process, and count the try.

        After `MAX_TRIES` tries the result is `CRASHED`, without another run.

        Args:
            text: the text.
            tokens: its estimated tokens, for the metrics.

        Raises:
            RedisError: the broker does not answer; the text was not computed.
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
            self.counts.record(metrics.TEXTS, 1, self._lane, "given up")
            return Result(self._model.version, 0, CRASHED)
        result = self.run(text, tokens)
        self._broker.delete(name)
        return result


def _facts(record: TextScores) -> Facts:
    top = record.scores.index(max(record.scores))
    return Facts(top, record.tokens, record.tokens_before, record.unknown_tokens, tuple(record.logits or ()))
