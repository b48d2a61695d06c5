"""The calls about jobs: submit, read state and results, wait, cancel."""

import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from secrets import token_hex
from typing import Final
from urllib.parse import quote

from client.core import Core
from client.errors import ApiError, ConnectionFailedError, SentimentError, UnexpectedAnswerError, WaitTimeoutError
from client.models import Job, Outcome, job_from, numbered, outcome_from
from client.retry import Patience, ask, refusal, rest
from client.texts import list_of
from client.wanted import Wanted
from client.wire import Call, Reply

_WAIT: Final = 20
"""Seconds for which the service may delay its answer until the state of a job changes."""
_HASTE: Final = 2.0
"""If the service answers an unchanged state in less than these seconds, because it is stopping, the client pauses."""
_NDJSON: Final = {"Accept": "application/x-ndjson"}


class Jobs:
    """The calls about jobs, as coroutines for both kinds of wire.

    Args:
        core: the parts that all calls share.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    async def submit(self, texts: Sequence[str], key: str | None, timeout: float | None) -> Job:
        """Submit texts as a job with an idempotency key; if `key` is None, a random key is used."""
        key = key or token_hex(16)
        if not key.isascii() or not key.isprintable():
            raise ValueError("the idempotency key holds characters that cannot be sent: use printable ASCII")
        return await self.submit_body(json.dumps({"text": list_of(texts)}).encode(), key, timeout)

    async def submit_body(self, body: bytes, key: str, timeout: float | None) -> Job:
        """Submit the JSON body of a job with an idempotency key."""
        patience = self._core.patience(timeout)
        await self._core.greet(patience)
        call = Call("POST", self._core.path("jobs"), body, {"Idempotency-Key": key})
        reply = await ask(self._core.wire, call, patience)
        return self._read(reply, replayed=reply.headers.get("idempotency-replayed") == "true")

    async def look(self, job_id: str, timeout: float | None) -> Job:
        """Return the state of a job."""
        call = Call("GET", self._path(job_id))
        return self._read(await ask(self._core.wire, call, self._core.patience(timeout)))

    async def cancel(self, job_id: str, timeout: float | None) -> Job:
        """Cancel a job, and return its state."""
        call = Call("DELETE", self._path(job_id))
        return self._read(await ask(self._core.wire, call, self._core.patience(timeout)))

    async def watch(self, job_id: str, timeout: float | None, within: float | None = None) -> AsyncGenerator[Job]:
        """Yield the state of a job: now, after each change, and at its end.

        Args:
            job_id: id of the job.
            timeout: seconds for one answer.
            within: seconds after which a WaitTimeoutError is raised if the job has not ended; None for no limit.
        """
        end = None if within is None else Patience(within)
        job = await self.look(job_id, timeout)
        yield job
        while not job.ended:
            hold = _WAIT if end is None else min(_WAIT, int(end.left))
            began = time.monotonic()
            call = Call("GET", f"{self._path(job_id)}?wait={hold}", wait=hold)
            reply = await ask(self._core.wire, call, self._core.patience(timeout))
            before, job = job, self._read(reply)
            if job != before:
                yield job
            elif end is not None and end.over:
                raise WaitTimeoutError(job_id, end.seconds)
            elif time.monotonic() - began < min(_HASTE, hold / 2):
                await self._core.wire.pause(1.0)

    async def wait(self, job_id: str, within: float | None, timeout: float | None) -> Job:
        """Wait until a job has ended, and return its state; for `within` see `watch`."""
        async with aclosing(self.watch(job_id, timeout, within)) as states:
            async for state in states:
                job = state
        return job

    async def results(
        self, job_id: str, offset: int, timeout: float | None, wanted: Wanted
    ) -> AsyncGenerator[Outcome | None]:
        """Yield the results of a job from an index on; after a broken connection, continue with the next result."""
        total = (await self.look(job_id, timeout)).total
        patience = self._core.patience(timeout)
        while offset < total:
            begun_at = offset
            try:
                async with aclosing(self._some(job_id, offset, patience, wanted)) as outcomes:
                    async for outcome in outcomes:
                        offset += 1
                        yield None if outcome is None else numbered(outcome, offset - 1)
            except (ApiError, ConnectionFailedError) as error:
                failure: SentimentError | None = error
            else:
                failure = None
            if offset > begun_at:
                patience.renew()
            if failure is not None:
                await rest(self._core.wire, failure, patience)
            elif offset == begun_at:
                raise UnexpectedAnswerError(self._path(job_id), 200, "none")

    async def _some(
        self, job_id: str, offset: int, patience: Patience, wanted: Wanted
    ) -> AsyncGenerator[Outcome | None]:
        """Yield the results of one answer of the service, from an index on."""
        call = Call("GET", wanted.path(f"{self._path(job_id)}/results?offset={offset}"), headers=_NDJSON)
        async with aclosing(self._core.wire.stream(call, patience.limit(call))) as parts:
            async for part in parts:
                if isinstance(part, Reply):
                    raise refusal(part)
                try:
                    outcome = outcome_from(json.loads(part), wanted.top_k)
                except (LookupError, TypeError, ValueError, AttributeError):
                    raise UnexpectedAnswerError(call.path, 200, call.request_id) from None
                yield outcome

    def _path(self, job_id: str) -> str:
        return self._core.path(f"jobs/{quote(job_id, safe='')}")

    def _read(self, reply: Reply, *, replayed: bool = False) -> Job:
        return self._core.read(reply, lambda document: job_from(document, replayed=replayed))
