"""Running a chunk of a job: begin it in the ledger, compute the texts that are not cached, write the results."""

import logging
import time

from redis import Redis
from redis.exceptions import RedisError

from shared.broker.keys import Keyspace
from shared.broker.scripts import jobs
from shared.broker.scripts.callers import run_blocking
from shared.broker.scripts.jobs import StartedChunk
from shared.contract.jobs import Chunk
from shared.contract.names import Lane
from shared.contract.record import Record
from shared.contract.results import Result
from shared.process import metrics
from shared.process.trace_context import Attributes
from shared.process.tracing import chunk_span
from worker.lanes.answers import AnswerStore
from worker.lanes.inference import Inference, Text, passes
from worker.presence.pace import Pace

logger = logging.getLogger(__name__)

_LEASE_MARGIN = 5.0
_FINISH_PATIENCE = 15.0
"""Seconds for which results are kept while the broker does not answer; much less than the task time limit."""
_FINISH_PAUSE = 0.5

Computed = list[tuple[int, Record]]
"""Results of some texts, each with the index of its text in the job."""


class ChunkRunner:
    """Runs the chunks that tickets name.

    Args:
        inference: computes texts.
        pace: measures the speed of this process.
        answers: the cache of answers.
        broker: client of the broker.
        keys: the service's key names.
        process_id: the id that this process's heartbeat announces.
        time_limit: seconds after which the process of a running chunk is killed.
        keep: seconds for which a finished job is kept.
    """

    def __init__(
        self,
        inference: Inference,
        pace: Pace,
        answers: AnswerStore,
        broker: Redis,
        keys: Keyspace,
        *,
        process_id: str,
        time_limit: float,
        keep: int,
    ) -> None:
        self._inference = inference
        self._pace = pace
        self._answers = answers
        self._counts = inference.counts
        self._broker = broker
        self._names = keys
        self._process_id = process_id
        self._lease = round((time_limit + _LEASE_MARGIN) * 1000)
        self._keep = keep * 1000

    def run(self, job_id: str, number: int, ticket: str) -> str:
        """Run a chunk, unless it is done, canceled, or run by another process.

        Args:
            job_id: id of the job.
            number: number of the chunk in the job.
            ticket: id of the ticket.

        Returns:
            A summary for Celery, without users' texts.

        Raises:
            RedisError: the broker does not answer; the chunk will be sent again.
        """
        start = jobs.start(
            self._names, job_id=job_id, number=number, ticket=ticket, process_id=self._process_id, lease=self._lease
        )
        started = run_blocking(self._broker, start)
        if started is None:
            return "nothing to do"
        attributes: Attributes = {
            "job": job_id,
            "chunk": number,
            "texts": len(started.chunk.texts),
            "tokens": started.chunk.tokens,
            "version": self._inference.version,
        }
        with chunk_span(self._inference.tracing, started.trace, attributes):
            self._run(job_id, number, started)
        return f"{len(started.chunk.texts)} texts"

    def _run(self, job_id: str, number: int, started: StartedChunk) -> None:
        began = time.perf_counter()
        suspect, chunk, _ = started
        self._counts.record(metrics.BATCH, len(chunk.texts), Lane.BULK)
        computed, tokens = (self._run_alone(job_id, number, chunk), 0) if suspect else self._run_together(chunk)
        self._write(job_id, number, computed, chunk)
        ended = time.perf_counter()
        self._pace.record(began, ended, tokens, lane=Lane.BULK, waiting=False)
        ms = round((ended - began) * 1000, 1)
        logger.debug("chunk done", extra={"job": job_id, "chunk": number, "texts": len(chunk.texts), "ms": ms})

    def _run_together(self, chunk: Chunk) -> tuple[Computed, int]:
        """Return the results of all texts of a chunk, and the estimated tokens of the computed ones."""
        keys = [self._inference.key(text) for text in chunk.texts]
        known = {k: record for k, record in zip(keys, self._answers.look_up(keys), strict=True) if record is not None}
        wanted = {key: text for key, text in zip(keys, chunk.texts, strict=True) if key not in known}
        dangerous = self._inference.dangerous(list(wanted))
        texts = [Text(key, text, self._inference.estimate(text), key in dangerous) for key, text in wanted.items()]
        fresh: dict[str, Result] = {}
        for part in passes(texts):
            results = self._inference.run(texts[part])
            fresh |= {text.key: result for text, result in zip(texts[part], results, strict=True)}
        self._counts.record(metrics.TEXTS, len(keys) - len(fresh), Lane.BULK, "known")
        self._answers.store({key: result.record for key, result in fresh.items() if not result.failed})
        known |= {key: result.record for key, result in fresh.items()}
        return [(chunk.first + i, known[key]) for i, key in enumerate(keys)], sum(text.tokens for text in texts)

    def _run_alone(self, job_id: str, number: int, chunk: Chunk) -> Computed:
        """Run the texts one by one, and write each result at once: one of them may have ended the last process."""
        indices = range(chunk.first, chunk.first + len(chunk.texts))
        done = self._broker.hmget(self._names.job_results(job_id), list(indices))
        for index, text, result in zip(indices, chunk.texts, done, strict=True):
            if result is None:
                self._write(job_id, number, [(index, self._answer_alone(text))])
            else:
                self._counts.record(metrics.TEXTS, 1, Lane.BULK, "known")
        return []

    def _answer_alone(self, text: str) -> Record:
        """Return the answer of a text from the cache, or compute the text alone."""
        key = self._inference.key(text)
        (record,) = self._answers.look_up([key])
        if record is not None:
            self._counts.record(metrics.TEXTS, 1, Lane.BULK, "known")
            return record
        (result,) = self._inference.run([Text(key, text, self._inference.estimate(text), alone=True)])
        if not result.failed:
            self._answers.store({key: result.record})
        return result.record

    def _write(self, job_id: str, number: int, computed: Computed, complete: Chunk | None = None) -> None:
        """Write results into the ledger, and the chunk's end if `complete` is given; try for 15 s without a broker."""
        finish = jobs.finish(
            self._names, job_id=job_id, number=number, results=computed, complete=complete, keep=self._keep
        )
        give_up = time.monotonic() + _FINISH_PATIENCE
        while True:
            try:
                run_blocking(self._broker, finish)
            except (RedisError, OSError):
                if time.monotonic() > give_up:
                    raise
                time.sleep(_FINISH_PAUSE)
            else:
                return
