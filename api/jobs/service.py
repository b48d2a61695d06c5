"""The operations of the job routes: submit, find, wait, read results, cancel."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from hashlib import blake2b
from typing import Final

from api.dispatch.fleet_watch import FleetWatch
from api.jobs.chunks import chunk_limit, cut
from api.jobs.ids import issued_at, make_id
from api.jobs.job import Job
from api.jobs.ledger import Ledger
from api.jobs.setbacks import Setbacks
from api.jobs.watch import JobWatch
from shared.broker.keys import Keyspace
from shared.contract.errors import IdempotencyConflictError, JobEndedError, JobExpiredError, JobUnknownError
from shared.contract.names import JobStatus, Lane
from shared.contract.record import Record
from shared.process.settings import Settings

_SLICE: Final = 100
_RETRY_AFTER: Final = (1, 30)
_UNKNOWN_RATE_SECONDS: Final = 5
_TEXT_TOKENS: Final = 32
"""Assumed tokens of a text of a job, of whose texts only the number is known when it is polled."""


class Jobs:
    """The operations on jobs.

    Args:
        ledger: reads and writes the records of jobs.
        watch: notifies requests that wait for a job.
        fleet: the last known fleet, for the size of chunks.
        setbacks: counts what the broker has lost.
        settings: limits and times.
    """

    def __init__(
        self, ledger: Ledger, watch: JobWatch, fleet: FleetWatch, setbacks: Counter[str], settings: Settings
    ) -> None:
        self._ledger = ledger
        self._watch = watch
        self._fleet = fleet
        self._setbacks = Setbacks(setbacks)
        self._settings = settings
        self._keys = Keyspace(settings.namespace)
        given = settings.job_secret.get_secret_value().encode() if settings.job_secret else b""
        self._given = blake2b(given, digest_size=32).digest() if given else b""
        self._secret = self._given

    async def submit(self, texts: Sequence[str], owner: str, idempotency_key: str = "") -> tuple[Job, bool]:
        """Accept a job durably.

        Args:
            texts: the texts to classify.
            owner: name of the client to which the job belongs; empty if the API requires no keys.
            idempotency_key: the client's name for this submission.

        Returns:
            The state that the job had when it was accepted, and whether an earlier submission had made it.

        Raises:
            IdempotencyConflictError: the key was used for other texts.
            JobsFullError: unfinished jobs would take too many bytes.
            OutcomeUnknownError: too few replicas of the broker have confirmed the job in time.
            BrokerUnavailableError: the broker does not answer.
        """
        name = self._name_of(owner, idempotency_key) if idempotency_key else ""
        digest = await _digest(texts) if name else ""
        if name and (earlier := await self._ledger.earlier(name)):
            return await self._replay(digest, earlier), True
        most = chunk_limit(self._fleet.fleet, self._settings.chunk_seconds)
        chunks = [chunk async for chunk in cut(texts, most, self._fleet.cost, self._fleet.result_bytes)]
        await self._ledger.require_room(sum(chunk.weight for chunk in chunks))
        job_id = make_id(await self._current_secret(), owner, time.time_ns() // 1_000_000)
        await self._ledger.stage(job_id, chunks)
        chosen = await self._ledger.commit(job_id, owner, chunks, idempotency=name, digest=digest)
        if chosen[1] != job_id:
            return await self._replay(digest, chosen), True
        return (await self._require(job_id)).as_accepted(), False  # a worker may have finished it already

    async def find(self, job_id: str, owner: str) -> Job:
        """Return the state of a job.

        Raises:
            JobUnknownError: the job never existed, or belongs to another client.
            JobExpiredError: the job has been deleted after its time to live.
        """
        began = time.monotonic()
        job = await self._ledger.read(job_id)
        if job is not None and job.owner == owner:
            self._setbacks.read(job, began)
            return job
        issued = None if job is not None else await self._issued_at(job_id, owner)
        if issued is not None and time.time() * 1000 - issued >= self._settings.job_ttl * 1000:
            raise JobExpiredError
        if issued is not None:
            self._setbacks.missed(job_id)
        raise JobUnknownError

    async def wait(self, job_id: str, owner: str, seconds: float) -> Job:
        """Return the state of a job when it has ended or made progress, or after `seconds`; raises as `find`."""
        with self._watch.listen(job_id) as listener:
            job = await self.find(job_id, owner)
            if job.status.final or not await listener.changed(seconds):
                return job
        return await self.find(job_id, owner)

    async def results(self, job: Job, indices: range, *, facts: bool) -> list[Record | None]:
        """Return the records of some texts by their index, with facts if wanted; None for a text without a result."""
        return await self._ledger.results(job.id, indices, facts=facts)

    async def pages(self, job: Job, indices: range, size: int, *, facts: bool) -> AsyncIterator[list[Record | None]]:
        """Yield the records of some texts in pages of at most `size`."""
        for start in range(indices.start, indices.stop, size):
            yield await self.results(job, range(start, min(start + size, indices.stop)), facts=facts)

    async def cancel(self, job_id: str, owner: str) -> Job:
        """Cancel a job, and return its state; it is no error if the job is canceled already.

        Raises:
            JobEndedError: the job has succeeded or failed.
            JobUnknownError, JobExpiredError: as `find`.
        """
        await self.find(job_id, owner)
        await self._ledger.cancel(job_id)
        job = await self.find(job_id, owner)
        if job.status is not JobStatus.CANCELED:
            raise JobEndedError
        return job

    def retry_after(self, job: Job) -> int:
        """Return the value of Retry-After: the estimated rest of a job's time, from 1 to 30 seconds."""
        rate = self._fleet.fleet.rate(Lane.BULK)
        seconds = (job.total - job.done) * _TEXT_TOKENS / rate if rate else _UNKNOWN_RATE_SECONDS
        low, high = _RETRY_AFTER
        return max(low, min(high, round(seconds)))

    async def _replay(self, digest: str, earlier: tuple[str, str]) -> Job:
        if earlier[0] != digest:
            raise IdempotencyConflictError
        await self._ledger.confirm(earlier[1])
        return (await self._require(earlier[1])).as_accepted()

    async def _require(self, job_id: str) -> Job:
        job = await self._ledger.read(job_id)
        if job is None:
            raise JobExpiredError
        return job

    async def _current_secret(self) -> bytes:
        if not self._secret:
            self._secret = await self._ledger.secret(secrets.token_bytes(32))
        return self._secret

    async def _issued_at(self, job_id: str, owner: str) -> int | None:
        issued = issued_at(await self._current_secret(), owner, job_id)
        if issued is None and not self._given:
            # The broker may have lost its data, and another process may have stored a new secret since.
            self._secret = b""
            issued = issued_at(await self._current_secret(), owner, job_id)
        return issued

    def _name_of(self, owner: str, idempotency_key: str) -> str:
        digest = blake2b(f"{owner}\n{idempotency_key}".encode(), digest_size=16).hexdigest()
        return self._keys.idempotency(digest)


async def _digest(texts: Sequence[str]) -> str:
    """Return the digest of a payload, with pauses for other requests, because it may have megabytes."""
    digest = blake2b(digest_size=16)
    for index, text in enumerate(texts):
        data = text.encode()
        digest.update(len(data).to_bytes(8) + data)
        if index % _SLICE == 0:
            await asyncio.sleep(0)
    return digest.hexdigest()
