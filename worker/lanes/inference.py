"""The passes over the texts of both lanes, their counts, and the handling of texts that fail or end their process."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from redis import Redis

from shared.broker.keys import Keyspace, text_key
from shared.contract.jobs import CRASHED, MAX_TRIES, TRIES_SECONDS
from shared.contract.names import Lane
from shared.contract.predictions import encode_prediction
from shared.contract.record import Facts
from shared.contract.results import FAILURE, Result
from shared.process import metrics
from shared.process.trace_context import ids_of
from worker.engines.base import TextScores
from worker.engines.guarded import GuardedEngine
from worker.presence.metrics import Counts

if TYPE_CHECKING:
    from shared.process.spans import Tracing

logger = logging.getLogger(__name__)

PASS_TOKENS: Final = 256
"""Most estimated tokens in a pass of several texts: larger ones gain little, and all their answers come at the end."""


class Text(NamedTuple):
    """A text to compute."""

    key: str
    """The text's key under this model."""
    text: str
    tokens: int
    """Estimated work."""
    alone: bool
    """Whether an earlier run may have ended its process, so that it shares no pass and its tries are counted."""
    trace: str = ""
    """Trace context of its own inference; empty if it has none."""


def passes(texts: Sequence[Text], most: int = PASS_TOKENS) -> Iterator[slice]:
    """Cut texts into passes: neighbours with together at most `most` estimated tokens, but at least one text."""
    first = tokens = 0
    for index, text in enumerate(texts):
        if index > first and (text.alone or texts[first].alone or tokens + text.tokens > most):
            yield slice(first, index)
            first, tokens = index, 0
        tokens += text.tokens
    if texts:
        yield slice(first, len(texts))


class Inference:
    """Runs the forward passes of one lane; a text that fails has an error as its result.

    Args:
        model: computes scores.
        lane: the lane, for the metrics.
        broker: client of the broker, where tries are counted.
        keys: the service's key names.
        counts: counts the passes.
        tracing: makes spans for both lanes; None if traces are off.
    """

    def __init__(
        self,
        model: GuardedEngine,
        lane: Lane,
        broker: Redis,
        keys: Keyspace,
        counts: Counts,
        tracing: "Tracing | None" = None,
    ) -> None:
        self._model = model
        self._lane = lane
        self._broker = broker
        self._keys = keys
        self.counts = counts
        self.tracing = tracing

    @property
    def version(self) -> str:
        """The model version."""
        return self._model.version

    def estimate(self, text: str) -> int:
        """Estimate the work for a text, in tokens."""
        return self._model.card.cost.estimate(text)

    def key(self, text: str) -> str:
        """Return the key of a text's answer under this model."""
        return text_key(self._model.version, text)

    def run(self, texts: Sequence[Text]) -> list[Result]:
        """Compute the texts of one pass, and return their results in order.

        If the engine raises, each text is computed in a pass of its own, and the result of one that raises again is an
        error.

        Raises:
            RedisError: the broker does not answer; a text that must run alone was not computed.
        """
        if texts[0].alone:
            return [self._run_alone(texts[0])]
        began = time.perf_counter()
        facts: list[Facts] = []
        try:
            records = self._model.classify([text.text for text in texts])
            bodies = [encode_prediction(record.scores, self._model.labels) for record in records]
            facts = [_facts(record) for record in records]
            heads = [told.encode() for told in facts]
        except Exception as error:
            if len(texts) > 1:
                return [result for text in texts for result in self.run([text])]
            # The message of an engine's error may quote the text, so only its type is logged.
            logger.error("inference failed", extra={"reason": type(error).__name__, **ids_of(texts[0].trace)})
            facts, bodies, heads = [], [FAILURE], [b""]
        seconds = time.perf_counter() - began
        self._count(seconds, texts, facts)
        version, micros = self._model.version, round(seconds * 1e6)
        return [Result(version, micros, body, head) for body, head in zip(bodies, heads, strict=True)]

    def _count(self, seconds: float, texts: Sequence[Text], facts: Sequence[Facts]) -> None:
        """Count a pass; it has no facts if it failed."""
        record = self.counts.record
        record(metrics.INFERENCE, seconds)
        record(metrics.FAILURES, not facts)
        record(metrics.TEXTS, len(texts), self._lane, "computed")
        record(metrics.TOKENS, sum(text.tokens for text in texts), self._lane)
        for metric, values in (
            (metrics.UNKNOWN_TOKENS, [told.unknown for told in facts if told.unknown is not None]),
            (metrics.TRUNCATED, [told.truncated for told in facts if told.truncated is not None]),
        ):
            if values:
                record(metric, sum(values), self._lane, self._model.version)

    def dangerous(self, keys: Sequence[str]) -> set[str]:
        """Return the keys of those texts that have ended a process in the last ten minutes and must run alone.

        Raises:
            RedisError: the broker does not answer.
        """
        if not keys:
            return set()
        tries = self._broker.mget([self._keys.tries(key) for key in keys])
        return {key for key, tried in zip(keys, tries, strict=True) if tried is not None}

    def _run_alone(self, text: Text) -> Result:
        """Compute a text whose earlier run may have ended a process, and count the try.

        After `MAX_TRIES` tries the result is `CRASHED`, without another run.

        Raises:
            RedisError: the broker does not answer; the text was not computed.
        """
        name = self._keys.tries(text.key)
        with self._broker.pipeline(
            transaction=True
        ) as pipe:  # a counter without an end of its life would stay for ever
            pipe.incr(name)
            pipe.expire(name, TRIES_SECONDS)
            tries, _ = pipe.execute()
        if int(tries) > MAX_TRIES:
            logger.error("text given up", extra={"tries": MAX_TRIES, **ids_of(text.trace)})
            self.counts.record(metrics.TEXTS, 1, self._lane, "given up")
            return Result(self._model.version, 0, CRASHED)
        (result,) = self.run([text._replace(alone=False)])
        self._broker.delete(name)
        return result


def _facts(record: TextScores) -> Facts:
    top = record.scores.index(max(record.scores))
    return Facts(top, record.tokens, record.tokens_before, record.unknown_tokens, tuple(record.logits or ()))
