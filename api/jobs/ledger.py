"""The API's commands on the ledger of jobs, which is on the broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice, zip_longest
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.jobs.job import FIELDS, Job
from api.jobs.replicas import Replicas
from shared.broker.keys import Keyspace
from shared.broker.scripts import jobs
from shared.broker.scripts.callers import run
from shared.contract.errors import BrokerUnavailableError, JobsFullError, OutcomeUnknownError
from shared.contract.jobs import Chunk
from shared.contract.record import Record
from shared.process.trace_context import traceparent

_WINDOW: Final = 64
"""Most tickets of one job in the queue: one job can use 64 processes, and other jobs make progress too."""
_STAGED_SECONDS: Final = 60
"""Seconds after which staged texts expire if the job is not committed."""
_STAGE_BYTES: Final = 256 * 1024
_FILL: Final = 0.8
"""Share of the broker's memory that jobs may use; the rest is for synchronous requests."""


class Ledger:
    """Commands on the ledger; each raises `BrokerUnavailableError` when the broker does not answer.

    Args:
        redis: client of the broker.
        keys: the service's key names.
        limit: longest wait for one command, in seconds.
        most: most bytes that unfinished jobs may take together.
        keep: seconds for which a finished job is kept.
        replicas: confirms that replicas of the broker have a job.
    """

    def __init__(
        self, redis: Redis, keys: Keyspace, *, limit: float, most: int, keep: int, replicas: Replicas | None = None
    ) -> None:
        self._redis = redis
        self._names = keys
        self._limit = limit
        self._most = most
        self._keep = keep * 1000
        self._replicas = replicas or Replicas(0, 0)

    async def secret(self, fresh: bytes) -> bytes:
        """Return the secret that signs job ids, which all processes share; if there is none, `fresh` becomes it."""
        async with self._step():
            await self._redis.set(self._names.job_secret, fresh, nx=True)
            value: Any = await self._redis.get(self._names.job_secret)
            return bytes(value)

    async def require_room(self, weight: int) -> None:
        """Check that the broker has enough memory for a job.

        Args:
            weight: bytes that the texts and results of the job take.

        Raises:
            JobsFullError: unfinished jobs would take too many bytes, or the broker is short of memory.
        """
        async with self._step(), self._redis.pipeline(transaction=False) as pipe:
            pipe.get(self._names.job_bytes)
            pipe.info("memory")
            waiting, memory = await pipe.execute()
        promised = int(waiting or 0) + weight
        most, used = int(memory.get("maxmemory", 0)), int(memory["used_memory"])
        # The texts of waiting jobs are in `used` already, but their results are not; `promised` counts both until the
        # job ends.
        if promised > self._most or (most and used + promised > _FILL * most):
            raise JobsFullError

    async def earlier(self, idempotency: str) -> tuple[str, str] | None:
        """Return the payload's digest and the id of the job with an idempotency key; None if there is no such job."""
        async with self._step():
            value: Any = await self._redis.get(idempotency)
        return _split(value) if value else None

    async def stage(self, job_id: str, chunks: Sequence[Chunk]) -> None:
        """Write the texts of a job; they expire if the job is not committed."""
        name, numbered = self._names.job_texts(job_id), iter(enumerate(chunks))
        while True:
            part: dict[Any, bytes] = {}
            size = 0
            for number, chunk in islice(numbered, _WINDOW):
                part[number] = chunk.encode()
                size += chunk.weight
                if size > _STAGE_BYTES:
                    break
            if not part:
                return
            # One transaction: if the connection broke between the two commands, the texts would never expire.
            async with self._step(), self._redis.pipeline(transaction=True) as pipe:
                pipe.hset(name, mapping=part)
                pipe.expire(name, _STAGED_SECONDS)
                await pipe.execute()
            await asyncio.sleep(0)

    async def commit(
        self, job_id: str, owner: str, chunks: Sequence[Chunk], *, idempotency: str, digest: str
    ) -> tuple[str, str]:
        """Accept the staged job and send its first tickets, in one step.

        Args:
            job_id: a new id.
            owner: name of the client to which the job belongs.
            chunks: the staged chunks.
            idempotency: Redis key of the idempotency key; empty if there is none.
            digest: digest of the payload.

        Returns:
            Digest and id of the accepted job: this one, or the earlier one with the same idempotency key.

        Raises:
            JobsFullError: unfinished jobs would take too many bytes.
            OutcomeUnknownError: too few replicas have confirmed the job in time.
        """
        job = jobs.NewJob(job_id, owner, chunks, idempotency, digest, traceparent.get())
        call = jobs.commit(self._names, job=job, most=self._most, window=_WINDOW, keep=self._keep)
        async with self._step():
            accepted, confirmed = await self._replicas.run(self._redis, call)
        if accepted is jobs.Refused.FULL:
            raise JobsFullError
        if isinstance(accepted, jobs.Refused):
            raise BrokerUnavailableError  # after a failover to a server that has not all of the job
        if not confirmed:
            raise OutcomeUnknownError
        return accepted

    async def confirm(self, job_id: str) -> None:
        """Check that enough replicas have a job that an earlier submission has made.

        Raises:
            OutcomeUnknownError: too few have confirmed it in time.
        """
        async with self._step():
            confirmed = await self._replicas.confirm(self._redis, self._names.job_events, job_id)
        if not confirmed:
            raise OutcomeUnknownError

    async def read(self, job_id: str) -> Job | None:
        """Return the state of a job; None if it has no record."""
        async with self._step():
            fields: Any = await self._redis.hmget(self._names.job(job_id), list(FIELDS))
        return Job.parse(job_id, fields)

    async def results(self, job_id: str, indices: range, *, facts: bool) -> list[Record | None]:
        """Return the records of some texts by their index, with facts if wanted; None for a text without a result."""
        if not indices:
            return []
        fields = [str(i) for i in indices] + ([f"f{i}" for i in indices] if facts else [])
        async with self._step():
            values: Any = await self._redis.hmget(self._names.job_results(job_id), fields)
        bodies, heads = values[: len(indices)], values[len(indices) :]
        pairs = zip_longest(bodies, heads)
        return [None if body is None else Record(body, head or b"") for body, head in pairs]

    async def cancel(self, job_id: str) -> bool:
        """Cancel a job; return False if it had ended before."""
        async with self._step():
            return await run(self._redis.execute_command, jobs.cancel(self._names, job_id=job_id, keep=self._keep))

    @asynccontextmanager
    async def _step(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limit):
                yield
        except (RedisError, OSError, TimeoutError):
            raise BrokerUnavailableError from None


def _split(value: bytes) -> tuple[str, str]:
    digest, _, job_id = value.decode().partition(" ")
    return digest, job_id
