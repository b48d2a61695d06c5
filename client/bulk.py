"""Predicting any number of texts in jobs: texts are cut into jobs, and results are read in order.

A job's idempotency key is made of its texts. So the same texts in the same order find the job of an earlier run: an
interrupted run continues, and a second run computes nothing, as long as the service keeps the jobs.
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
from client.wanted import PLAIN, Wanted

K = TypeVar("K")
T = TypeVar("T")
Listener = Callable[[Job], None]
"""A function that receives the state of each job, after its submission and after each change."""

BODY: Final = 4 * 1024 * 1024
"""Most bytes of a job's body, and of the items of its texts; this limits the use of memory."""
_AHEAD: Final = 2
"""Number of jobs under way at once: while the results of one are read, the workers compute the next."""
_TRIES: Final = 3
"""Number of attempts to get a job's results, if the service has lost or expired the job."""


@dataclass(slots=True)
class _Part(Generic[T]):
    group: Group[T]
    job: Job | None = None


class Bulk:
    """Prediction in jobs, as coroutines for both kinds of wire.

    Args:
        core: the parts that all calls share.
        salt: part of the idempotency keys; with an empty one, jobs of other runs with the same texts are found.
        timeout: seconds for one answer, for which the service may be unavailable.
        listener: see `Listener`.
        wanted: the parts of each answer.
    """

    def __init__(
        self,
        core: Core,
        *,
        salt: str = "",
        timeout: float | None = None,
        listener: Listener = lambda _: None,
        wanted: Wanted = PLAIN,
    ) -> None:
        self._core = core
        self._jobs = Jobs(core)
        self._salt = salt
        self._timeout = timeout
        self._listener = listener
        self._wanted = wanted

    async def limits(self, most: int | None) -> Limits:
        """Return the limits of a job.

        Args:
            most: most texts of a job; None, or a number above the service's limit, means that limit.
        """
        service = await self._core.service(self._core.patience(self._timeout))
        texts = min(most or service.max_job_texts, service.max_job_texts)
        return Limits(texts, service.max_chars, BODY, weight=BODY)

    async def predict_items(
        self, items: Iterable[tuple[K, str]] | Mapping[K, str], most: int | None
    ) -> AsyncGenerator[tuple[K, Outcome]]:
        """Classify any number of texts with ids, and yield each id with its outcome, in order.

        Args:
            items: pairs of an id and a text.
            most: see `limits`.
        """
        places = count()
        groups = cut(pairs_of(items), await self.limits(most), text_of, chars_of)
        async with aclosing(self.run(groups)) as parts:
            async for group, outcomes in parts:
                for (key, _), outcome in zip(group.items, outcomes, strict=True):
                    yield key, numbered(outcome, next(places))

    async def predict_texts(self, texts: Iterable[str], most: int | None) -> AsyncGenerator[Outcome]:
        """Classify any number of texts, and yield their outcomes in order; for `most` see `limits`."""
        async with aclosing(self.predict_items(enumerate(texts), most)) as pairs:
            async for _, outcome in pairs:
                yield outcome

    async def run(self, groups: Iterable[Group[T]]) -> AsyncGenerator[tuple[Group[T], list[Outcome]]]:
        """Classify groups of items, each as a job, and yield each group with the outcomes of its items, in order.

        Raises:
            JobCanceledError: one of the jobs was canceled meanwhile.
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
        """Submit a group as one job, or as several smaller ones if its body is refused as too large."""
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
        """Submit a part; if a job with its key exists and was canceled, use another key."""
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
                continue  # it expired between the two calls
            if job.status != "canceled":
                part.job = job
                self._listener(job)
                return
            generation += 1

    async def _finish(self, part: _Part[T]) -> list[Outcome]:
        """Wait for a part's job, and return the outcomes of all items of the part."""
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
        async with aclosing(self._jobs.results(job_id, 0, self._timeout, self._wanted)) as results:
            outcomes = [outcome async for outcome in results if outcome is not None]
        if len(outcomes) != count:
            raise UnexpectedAnswerError(self._core.path(f"jobs/{job_id}/results"), 200, "none")
        return outcomes
