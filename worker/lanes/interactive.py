"""Running a message of synchronous texts: find those that are still wanted, compute, publish and store them."""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace, read_text_key
from shared.broker.scripts import claims
from shared.broker.scripts.claims import ALONE, LATE, TextState
from shared.contract.jobs import TRIES_SECONDS
from shared.contract.names import Item, Lane
from shared.contract.record import FORM, Record
from shared.contract.results import Result
from shared.process import metrics
from shared.process.logs import request_id
from shared.process.tracing import Tracing, inference_span
from worker.lanes.answers import AnswerStore
from worker.lanes.inference import Inference
from worker.lanes.pipe import Pipe
from worker.presence.pace import Pace

logger = logging.getLogger(__name__)

_RUN_LEASE_MS = 1_000
"""Milliseconds for which a begun text is claimed at least."""
_KEEP_RESULT_MS = 10_000
"""Milliseconds for which a claim keeps its answer, for API processes that lost their connection or claim it later."""


class MessageRunner:
    """Runs the messages of synchronous requests.

    Args:
        inference: computes one text.
        pace: measures the speed of this process.
        answers: the cache of answers.
        broker: client of the broker.
        keys: the service's key names.
        tracing: makes spans; None if traces are off.
    """

    def __init__(
        self,
        inference: Inference,
        pace: Pace,
        answers: AnswerStore,
        broker: Redis,
        keys: Keyspace,
        *,
        tracing: Tracing | None,
    ) -> None:
        self._inference = inference
        self._pace = pace
        self._answers = answers
        self._keys = keys
        self._counts = inference.counts
        self._tracing = tracing
        self._pipe = Pipe(broker)
        self._handed_out: list[tuple[Item, Result]] = []

    def run(self, items: Sequence[Item]) -> str:
        """Run the texts of one message, each with its own forward pass.

        Returns:
            A summary for Celery, without users' texts.

        Raises:
            RedisError, OSError: the broker does not answer.
        """
        token = request_id.set(",".join(dict.fromkeys(item.request_id for item in items)))
        try:
            return self._run(items)
        finally:
            request_id.reset(token)

    def _run(self, items: Sequence[Item]) -> str:
        started = time.perf_counter()
        self._handed_out = []
        own = [self._inference.key(item.text) for item in items]
        self._answers.send_lookup(own)
        waiting, states, tries = self._begin(items, own)
        wanted = []
        for item, state, tried, record in zip(items, states, tries, self._answers.read_lookup(own), strict=True):
            if isinstance(state, Result):
                self._publish(item, state)
            elif state != LATE:
                wanted.append((item, state == ALONE or tried is not None, record))
        computed, tokens = self._compute(wanted)
        self._settle()
        ended = time.perf_counter()
        self._pace.record(started, ended, tokens, lane=Lane.INTERACTIVE, waiting=bool(waiting))
        late = sum(1 for state in states if state == LATE)
        known = len(items) - computed - late
        self._counts.record(metrics.BATCH, len(items), Lane.INTERACTIVE)
        self._counts.record(metrics.TEXTS, known, Lane.INTERACTIVE, "known")
        self._counts.record(metrics.TEXTS, late, Lane.INTERACTIVE, "late")
        logger.log(
            logging.INFO if late else logging.DEBUG,
            "classified",
            extra={
                "texts": len(items),
                "computed": computed,
                "late": late,
                "ms": round((ended - started) * 1000, 1),
            },
        )
        return f"{computed} of {len(items)} computed"

    def _begin(self, items: Sequence[Item], own: Sequence[str]) -> tuple[int, list[TextState], list[bytes | None]]:
        """Mark the wanted texts of a message as begun.

        Returns:
            The number of messages in the queue, the state of each text, and the tries of each text (None without).
        """
        start = claims.start(self._keys, items=items, lease=_RUN_LEASE_MS, remembered=TRIES_SECONDS * 1_000)

        def ask() -> None:
            self._pipe.send_call(start)
            self._pipe.send("MGET", *map(self._keys.tries, own))

        reply, tries = self._pipe.exchange(ask)
        waiting, states = start.parse(reply)
        return waiting, states, tries

    def _compute(self, wanted: Sequence[tuple[Item, bool, Record | None]]) -> tuple[int, int]:
        """Publish an answer for each text, from the cache or by a forward pass.

        Returns:
            The number of passes, and their estimated tokens.
        """
        passes = tokens = 0
        for item, alone, record in wanted:
            if record is not None:
                self._publish(item, Result(self._inference.version, 0, *record))
                continue
            passes += 1
            tokens += item.tokens
            infer = self._inference.run_alone if alone else self._inference.run
            with inference_span(self._tracing, item.trace, {"tokens": item.tokens, "version": self._inference.version}):
                result = infer(item.text, item.tokens)
            self._publish(item, result)
            if not result.failed:
                self._answers.store({self._inference.key(item.text): result.record})
        return passes, tokens

    def _publish(self, item: Item, result: Result) -> None:
        """Send a result to the broker without waiting for its reply; `_settle` sends it again if it was lost."""
        self._handed_out.append((item, result))
        with suppress(RedisError, OSError):
            self._send(item, result)

    def _settle(self) -> None:
        """Wait for the replies to all published results; if some are missing, send all results again.

        Raises:
            RedisError, OSError: the broker does not answer.
        """
        handed_out, self._handed_out = self._handed_out, []
        try:
            replies = self._pipe.collect()
        except (RedisError, OSError):
            replies = []
        if len(replies) != len(handed_out):
            self._pipe.exchange(lambda: self._send_all(handed_out))

    def _send_all(self, handed_out: Iterable[tuple[Item, Result]]) -> None:
        for item, result in handed_out:
            self._send(item, result)

    def _send(self, item: Item, result: Result) -> None:
        # While another version is active, the key may have that version. Then the result goes only to the requests that
        # wait; it is not kept.
        version, form = read_text_key(item.key)
        keep = _KEEP_RESULT_MS if version == result.version and not result.failed else 0
        if form != FORM:  # of an API process of another release
            result = result._replace(head=b"")
        self._pipe.send_call(claims.finish(self._keys, key=item.key, result=result, keep=keep, tokens=item.tokens))
