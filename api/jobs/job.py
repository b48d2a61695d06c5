"""The state of a job as its record on the broker has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.contract.names import JobStatus

FIELDS: Final = ("owner", "status", "total", "done", "failed", "created", "started", "completed", "expires")
"""The fields of the record that `Job.parse` reads, in this order."""


@dataclass(frozen=True, slots=True)
class Job:
    """The state of a job. Times are in ms since 1970 by the broker's clock."""

    id: str
    owner: str
    status: JobStatus
    total: int
    done: int
    """Number of texts that have an answer or an error."""
    failed: int
    """Number of texts that have an error."""
    created: int
    started: int | None
    completed: int | None
    expires: int | None
    """Time at which record and results expire; None until the job has ended."""

    @classmethod
    def parse(cls, job_id: str, fields: Sequence[bytes | None]) -> "Job | None":
        """Read the values of `FIELDS`; None if there is no such record."""
        owner, status, *numbers = fields
        if owner is None or status is None:
            return None
        total, done, failed, created, started, completed, expires = (None if n is None else int(n) for n in numbers)
        return cls(
            job_id,
            owner.decode(),
            JobStatus(status.decode()),
            total or 0,
            done or 0,
            failed or 0,
            created or 0,
            started,
            completed,
            expires,
        )

    def as_accepted(self) -> "Job":
        """Return the state that the job had when it was accepted."""
        if not self.total:
            return self
        return replace(self, status=JobStatus.QUEUED, done=0, failed=0, started=None, completed=None, expires=None)
