"""Jobs: submit, look, wait, cancel, and results in any number."""

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
from client.wire import Call, Reply

_WAIT: Final = 20
"""Seconds for which the service may hold back the state of a job that does not move."""
_HASTE: Final = 2.0
"""A service that answers sooner, though nothing has moved, does not hold back (it stops); then the client waits."""
_NDJSON: Final = {"Accept": "application/x-ndjson"}


class Jobs:
    """Coroutines over either wire.

    Args:
        core: what every call shares.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    async def submit(self, texts: Sequence[str], key: str | None, timeout: float | None) -> Job:
        """Submit texts under an idempotency key, or under a new one."""
        key = key or token_hex(16)
        if not key.isascii() or not key.isprintable():
            raise ValueError("the idempotency key holds characters that cannot be sent: use printable ASCII")
        return await self.submit_body(json.dumps({"text": list_of(texts)}).encode(), key, timeout)

    async def submit_body(self, body: bytes, key: str, timeout: float | None) -> Job:
        """Submit a body as `submit` does."""
        patience = self._core.patience(timeout)
        await self._core.greet(patience)
        call = Call("POST", self._core.path("jobs"), body, {"Idempotency-Key": key})
        reply = await ask(self._core.wire, call, patience)
        return self._read(reply, replayed=reply.headers.get("idempotency-replayed") == "true")

    async def look(self, job_id: str, timeout: float | None) -> Job:
        """See how far a job is."""
        call = Call("GET", self._path(job_id))
        return self._read(await ask(self._core.wire, call, self._core.patience(timeout)))

    async def cancel(self, job_id: str, timeout: float | None) -> Job:
        """Cancel a job."""
        call = Call("DELETE", self._path(job_id))
        return self._read(await ask(self._core.wire, call, self._core.patience(timeout)))

    async def watch(self, job_id: str, timeout: float | None, within: float | None = None) -> AsyncGenerator[Job]:
        """Give a job's state, again whenever it moves, and at last its end.

        Args:
            job_id: the job.
            timeout: seconds for one answer.
            within: seconds until it must have ended; forever if None.
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
        """Wait for a job's end."""
        async with aclosing(self.watch(job_id, timeout, within)) as states:
            async for state in states:
                job = state
        return job

    async def results(self, job_id: str, offset: int, timeout: float | None) -> AsyncGenerator[Outcome | None]:
        """Give a job's results in order, as they arrive; a stream that breaks is taken up where it broke."""
        total = (await self.look(job_id, timeout)).total
        patience = self._core.patience(timeout)
        while offset < total:
            begun_at = offset
            try:
                async with aclosing(self._some(job_id, offset, patience)) as outcomes:
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

    async def _some(self, job_id: str, offset: int, patience: Patience) -> AsyncGenerator[Outcome | None]:
        """Give as many results as the service sends at once."""
        call = Call("GET", f"{self._path(job_id)}/results?offset={offset}", headers=_NDJSON)
        async with aclosing(self._core.wire.stream(call, patience.limit(call))) as parts:
            async for part in parts:
                if isinstance(part, Reply):
                    raise refusal(part)
                try:
                    outcome = outcome_from(json.loads(part))
                except (LookupError, TypeError, ValueError):
                    raise UnexpectedAnswerError(call.path, 200, call.request_id) from None
                yield outcome

    def _path(self, job_id: str) -> str:
        return self._core.path(f"jobs/{quote(job_id, safe='')}")

    def _read(self, reply: Reply, *, replayed: bool = False) -> Job:
        return self._core.read(reply, lambda document: job_from(document, replayed=replayed))
