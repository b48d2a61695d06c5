"""Running a message of synchronous texts: find those that are still wanted, compute, publish and store them."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from shared.broker.keys import Keyspace, read_text_key
from shared.broker.scripts import claims
from shared.broker.scripts.call import Call
from shared.broker.scripts.claims import ALONE, LATE, RUN, Started
from shared.contract.names import Item, Lane
from shared.contract.record import FORM
from shared.contract.results import Result
from shared.process import metrics
from shared.process.logs import request_id
from shared.process.trace_context import Attributes, inference_context, within
from shared.process.tracing import inference_span
from worker.lanes.answers import AnswerStore
from worker.lanes.inference import PASS_TOKENS, Inference, Text, passes
from worker.lanes.pipe import Command, Pipe
from worker.presence.pace import Pace

logger = logging.getLogger(__name__)

_RUN_LEASE_MS = 1_000
"""Milliseconds for which a begun text is claimed at least."""
_KEEP_RESULT_MS = 10_000
"""Milliseconds for which a claim keeps its answer, for API processes that lost their connection or claim it later."""


class _Wanted(NamedTuple):
    """A text of a message that has no result yet."""

    item: Item
    text: Text


class Arrival(NamedTuple):
    """The state of a message when it comes to a model process."""

    again: bool = False
    """Whether an earlier run of it may have begun."""
    begun: bool = False
    """Whether its texts were marked as begun when it was queued. The process must have run another message shortly
    before, because that one's `start.lua` tells the broker's clock."""
    waiting: bool = False
    """(Of a begun message) whether another message is in the queue."""


class MessageRunner:
    """Runs the messages of synchronous requests.

    Args:
        inference: computes texts.
        pace: measures the speed of this process.
        answers: the cache of answers.
        pipe: connection to the broker.
        keys: the service's key names.
    """

    def __init__(
        self,
        inference: Inference,
        pace: Pace,
        answers: AnswerStore,
        pipe: Pipe,
        keys: Keyspace,
    ) -> None:
        self._inference = inference
        self._pace = pace
        self._answers = answers
        self._keys = keys
        self._counts = inference.counts
        self._pipe = pipe
        self._handed_out: list[Call[Any]] = []
        """Calls that have published results of the message, whose replies are not read yet."""
        self._then: Sequence[Command] = ()
        """Commands that are to be sent with the last results of the message."""
        self._clock = 0.0
        """The broker's clock minus the monotonic one, in ms, by the last reply of `start.lua`."""

    def run(self, items: Sequence[Item], arrival: Arrival, *, then: Sequence[Command] = ()) -> None:
        """Run the texts of one message.

        Args:
            items: the texts.
            arrival: the message's state when it came to this process.
            then: commands that the broker gets with the last results. Their replies are left in the pipe, unless the
                connection is lost; then they are not repeated.

        Raises:
            RedisError, OSError: the broker does not answer.
        """
        token = request_id.set(",".join(dict.fromkeys(item.request_id for item in items)))
        try:
            with within(",".join(dict.fromkeys(item.trace for item in items if item.trace))):
                self._run(items, arrival, then)
        finally:
            request_id.reset(token)

    def _run(self, items: Sequence[Item], arrival: Arrival, then: Sequence[Command]) -> None:
        began = time.perf_counter()
        self._handed_out, self._then = [], then
        own = [self._inference.key(item.text) for item in items]
        started = self._begin(items, own, arrival)
        states = started.states
        self._publish([(item, state) for item, state in zip(items, states, strict=True) if isinstance(state, Result)])
        wanted = self._unknown(
            [
                _Wanted(item, _text(item, key, alone=state == ALONE))
                for item, key, state in zip(items, own, states, strict=True)
                if not isinstance(state, Result) and state != LATE
            ]
        )
        self._compute(wanted, started.now)
        self._settle()
        ended = time.perf_counter()
        tokens = sum(item.tokens for item, _ in wanted)
        self._pace.record(began, ended, tokens, lane=Lane.INTERACTIVE, waiting=bool(started.waiting))
        computed = len(wanted)
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
                "ms": round((ended - began) * 1000, 1),
            },
        )

    def _begin(self, items: Sequence[Item], own: Sequence[str], arrival: Arrival) -> Started:
        """Find the wanted texts of a message, and mark them as begun if that has not been done."""
        now = round(self._clock + time.monotonic() * 1000)
        if (
            arrival.begun
            and not arrival.again
            and all(_fresh(item, key, now) for item, key in zip(items, own, strict=True))
        ):
            return Started(arrival.waiting, now, [RUN] * len(items))
        start = claims.start(self._keys, items=items, own=own, lease=_RUN_LEASE_MS, again=arrival.again)
        started = start.parse(self._pipe.exchange(lambda: self._pipe.send_call(start))[-1])
        self._clock = started.now - time.monotonic() * 1000
        return started

    def _unknown(self, wanted: Sequence[_Wanted]) -> list[_Wanted]:
        """Publish the answers that are in the cache, and return the other texts.

        The API process has found no answer there under the key that it asked for, so only texts with another key, and
        those that were begun before, are looked up.
        """
        doubtful = [entry for entry in wanted if entry.text.alone or entry.text.key != entry.item.key]
        if not doubtful:
            return list(wanted)
        answers = self._answers.look_up([entry.text.key for entry in doubtful])
        pairs = [(entry.item, record) for entry, record in zip(doubtful, answers, strict=True) if record is not None]
        self._publish([(item, Result(self._inference.version, 0, *record)) for item, record in pairs])
        known = {item.key for item, _ in pairs}
        return [entry for entry in wanted if entry.item.key not in known]

    def _compute(self, wanted: Sequence[_Wanted], now: int) -> None:
        """Compute texts and publish their results after each pass.

        Args:
            wanted: the texts.
            now: the broker's clock (ms) at the begin of the message.
        """
        texts = [entry.text for entry in wanted]
        for part in passes(texts, self._most(wanted, now)):
            last = part.stop == len(texts)
            with self._spans(wanted[part]):
                results = self._inference.run(texts[part])
            self._publish(
                [(entry.item, result) for entry, result in zip(wanted[part], results, strict=True)], last=last
            )
            answers = zip(texts[part], results, strict=True)
            self._answers.store({text.key: result.record for text, result in answers if not result.failed})

    def _most(self, wanted: Sequence[_Wanted], now: int) -> int:
        """Return the most estimated tokens of a pass: only one text if a deadline is nearer than the message's end."""
        seconds = sum(item.tokens for item, _ in wanted) / self._pace.rate
        urgent = any(item.deadline - now < seconds * 1000 for item, _ in wanted)
        return 0 if urgent else PASS_TOKENS

    @contextmanager
    def _spans(self, wanted: Sequence[_Wanted]) -> Iterator[None]:
        """Open a span for the inference of each text, if traces are on."""
        with ExitStack() as spans:
            for item, _ in wanted if self._inference.tracing else ():
                spans.enter_context(self._span(item))
            yield

    def _span(self, item: Item) -> AbstractContextManager[Any]:
        attributes: Attributes = {"tokens": item.tokens, "version": self._inference.version}
        return inference_span(self._inference.tracing, item.trace, item.key, attributes)

    def _publish(self, results: Sequence[tuple[Item, Result]], *, last: bool = False) -> None:
        """Send results to the broker without waiting for its reply; `_settle` sends them again if they were lost."""
        if results:
            call = claims.finish(self._keys, [_finished(item, result) for item, result in results])
            self._handed_out.append(call)
            with suppress(RedisError, OSError):
                self._pipe.together(lambda: self._send([call], last=last))

    def _settle(self) -> None:
        """Wait for the replies to all published results; if some are missing, send all results again.

        Raises:
            RedisError, OSError: the broker does not answer.
        """
        handed_out, self._handed_out = self._handed_out, []
        try:
            if self._then:  # nothing was computed
                self._pipe.together(lambda: self._send([], last=True))
            replies = self._pipe.collect(len(handed_out))
        except (RedisError, OSError):
            replies = []
        if len(replies) != len(handed_out):
            self._pipe.exchange(lambda: self._send(handed_out))

    def _send(self, calls: Sequence[Call[Any]], *, last: bool = False) -> None:
        for call in calls:
            self._pipe.send_call(call)
        if last:
            self._pipe.send_all(self._then)
            self._then = ()


def _fresh(item: Item, key: str, now: int) -> bool:
    """Whether a text that was marked as begun needs no `start.lua`: it has this version, and its claim lasts enough."""
    return item.deadline >= now + _RUN_LEASE_MS and item.key == key


def _text(item: Item, key: str, *, alone: bool) -> Text:
    return Text(key, item.text, item.tokens, alone, inference_context(item.trace, item.key))


def _finished(item: Item, result: Result) -> claims.Finished:
    """Return a result in the form of its key, with the milliseconds for which the claim keeps it.

    While another version is active, the key may have that version. Then the result goes only to the requests that wait;
    it is not kept.
    """
    version, form = read_text_key(item.key)
    if form != FORM:  # of an API process of another release
        result = result._replace(head=b"")
    return item, result, _KEEP_RESULT_MS if version == result.version and not result.failed else 0
