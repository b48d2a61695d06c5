"""Noticing that the broker has lost writes of a job, after a failover for instance."""

from collections import Counter
from time import monotonic
from typing import Final, NamedTuple

from api.jobs.job import Job
from api.metrics.tallies import CANCELLATION, JOB, PROGRESS
from shared.contract.names import JobStatus

_JOBS: Final = 1_000
"""Most jobs whose last state is kept."""


class Setbacks:
    """Compares the state of each job with the last one that this process has read.

    Args:
        counts: counts what has been lost.
    """

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._last: dict[str, _State] = {}

    def read(self, job: Job, began: float) -> None:
        """Compare and keep the state of a job.

        Args:
            job: its state.
            began: moment of `time.monotonic` at which the reading began. Replies of two connections may overtake each
                other, so a state is compared only with one that was there before.
        """
        before = self._last.get(job.id)
        if before and began < before.moment:
            return
        state = _State(job.status is JobStatus.CANCELED, job.done, monotonic())
        if before and before.canceled and not state.canceled:
            self._counts[CANCELLATION] += 1
        elif before and state.done < before.done:
            self._counts[PROGRESS] += 1
        self._last.pop(job.id, None)
        self._last[job.id] = state
        if len(self._last) > _JOBS:
            del self._last[next(iter(self._last))]

    def missed(self, job_id: str) -> None:
        """Count a job that was accepted, has not expired, and has no record."""
        self._last.pop(job_id, None)
        self._counts[JOB] += 1


class _State(NamedTuple):
    canceled: bool
    done: int
    moment: float
