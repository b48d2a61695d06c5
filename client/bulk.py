"""Any number of texts by way of jobs: cut, submitted ahead, read back in order, whatever dies meanwhile.

A job's idempotency key is made of its texts, so the same texts in the same order find the job that they once made: a
run that was interrupted goes on, and a second run computes nothing, for as long as the service keeps the jobs.
"""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from typing import Final, Generic, TypeVar

from client.core import Core
from client.errors import (
    InvalidRequestError,
    JobCanceledError,
    JobExpiredError,
    JobUnknownError,
    TooLargeError,
    UnexpectedAnswerError,
)
from client.groups import Group, Limits, cut
from client.jobs import Jobs
from client.models import Job, Outcome, TextFailure, numbered
from client.predictions import take_out
from client.texts import chars_of, pairs_of, text_of

K = TypeVar("K")
T = TypeVar("T")
Listener = Callable[[Job], None]
"""Is told of a job when it is submitted and whenever it moves."""

BODY: Final = 4 * 1024 * 1024
"""Most bytes of a job's body, and of what belongs to its texts; bounds what is held in memory."""
_AHEAD: Final = 2
"""Jobs under way at once: while one is read back, the next keeps the workers busy."""
_TRIES: Final = 3
"""How often a job that is gone (its time was over, or the service lost its data) is submitted again."""


@dataclass(slots=True)
class _Part(Generic[T]):
    group: Group[T]
    job: Job | None = None


class Bulk:
    """Coroutines over either wire.

    Args:
        core: what every call shares.
        salt: makes keys of its own; empty to share jobs with every other run.
        timeout: seconds for one answer: how long the service may be away.
        listener: see `Listener`.
    """

    def __init__(self, core: Core, *, salt: str, timeout: float | None, listener: Listener) -> None:
        self._core = core
        self._jobs = Jobs(core)
        self._salt = salt
        self._timeout = timeout
        self._listener = listener

    async def limits(self, most: int | None) -> Limits:
        """Return the most that a job may hold here.

        Args:
            most: texts, if it should be fewer than the service takes.
        """
        service = await self._core.service(self._core.patience(self._timeout))
        texts = min(most or service.max_job_texts, service.max_job_texts)
        return Limits(texts, service.max_chars, BODY, weight=BODY)

    async def predict_items(
        self, items: Iterable[tuple[K, str]] | Mapping[K, str], most: int | None
    ) -> AsyncGenerator[tuple[K, Outcome]]:
        """Classify any number of texts that have ids, in order; `most` is that of `limits`."""
        places = count()
        groups = cut(pairs_of(items), await self.limits(most), text_of, chars_of)
        async with aclosing(self.run(groups)) as parts:
            async for group, outcomes in parts:
                for (key, _), outcome in zip(group.items, outcomes, strict=True):
                    yield key, numbered(outcome, next(places))

    async def predict_texts(self, texts: Iterable[str], most: int | None) -> AsyncGenerator[Outcome]:
        """Classify any number of texts, as `predict_items` does."""
        async with aclosing(self.predict_items(enumerate(texts), most)) as pairs:
            async for _, outcome in pairs:
                yield outcome

    async def run(self, groups: Iterable[Group[T]]) -> AsyncGenerator[tuple[Group[T], list[Outcome]]]:
        """Give each group with the outcomes of its items, in order.

        Raises:
            JobCanceledError: somebody canceled one of the jobs while it was waited for.
        """
        waiting: deque[_Part[T]] = deque()
        for group in groups:
            waiting.extend(await self._begin(group))
            while len(waiting) >= _AHEAD:
                first = waiting.popleft()
                yield first.group, await self._finish(first)
        while waiting:
            first = waiting.popleft()
            yield first.group, await self._finish(first)

    async def _begin(self, group: Group[T]) -> list[_Part[T]]:
        """Submit a group as one job, or as several where a proxy takes no body so large."""
        part = _Part(group)
        try:
            await self._submit(part)
        except TooLargeError as error:
            if len(group.items) > 1:
                first, second = group.halves()
                return await self._begin(first) + await self._begin(second)
            group.fail(0, TextFailure(error.code, error.detail))
        return [part]

    async def _submit(self, part: _Part[T]) -> None:
        """Submit a part, under the next key if somebody has canceled the job of this one before."""
        generation = 0
        while part.group.sent:
            key = "-".join(filter(None, ("sentiment", self._salt, part.group.digest, str(generation or ""))))
            try:
                job = await self._jobs.submit_body(part.group.body, key, self._timeout)
                if job.replayed:
                    job = await self._jobs.look(job.id, self._timeout)
            except InvalidRequestError as error:
                if not take_out(part.group, error):
                    raise
                continue
            except (JobExpiredError, JobUnknownError):
                continue  # it went away between the two calls
            if job.status != "canceled":
                part.job = job
                self._listener(job)
                return
            generation += 1

    async def _finish(self, part: _Part[T]) -> list[Outcome]:
        """Wait for a part's job and read its results."""
        if not part.group.sent:
            return part.group.merge([])
        for tries_left in reversed(range(_TRIES)):
            assert part.job is not None
            try:
                return part.group.merge(await self._outcomes(part.job.id, len(part.group.sent)))
            except (JobExpiredError, JobUnknownError):
                if not tries_left:
                    raise
                await self._submit(part)
        raise AssertionError("unreachable")

    async def _outcomes(self, job_id: str, count: int) -> list[Outcome]:
        async with aclosing(self._jobs.watch(job_id, self._timeout)) as states:
            async for state in states:
                self._listener(state)
        if state.status == "canceled":
            raise JobCanceledError(job_id)
        async with aclosing(self._jobs.results(job_id, 0, self._timeout)) as results:
            outcomes = [outcome async for outcome in results if outcome is not None]
        if len(outcomes) != count:
            raise UnexpectedAnswerError(self._core.path(f"jobs/{job_id}/results"), 200, "none")
        return outcomes
