"""The scripts of jobs: accept or cancel a job, begin or finish a chunk, and send tickets again."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from shared.broker.fleet import LIVE_MS
from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Argument, Call, Script
from shared.contract.jobs import Chunk
from shared.contract.messages import ticket_template
from shared.contract.names import Lane
from shared.contract.record import Record

_COMMIT, _CANCEL, _START, _FINISH, _SWEEP = (
    Script("_jobs", f"job_{name}") for name in ("commit", "cancel", "start", "finish", "sweep")
)
_TEMPLATE: Final = ticket_template()
_ACCEPTED: Final = 1
_FULL: Final = -1
_INCOMPLETE: Final = -2

Results = Sequence[tuple[int, Record]]
"""Results of some texts: for each its index in the job, and its record."""


class NewJob(NamedTuple):
    """A job whose texts are staged: written to the broker, but not committed yet."""

    id: str
    owner: str
    """Name of the client to which the job belongs."""
    chunks: Sequence[Chunk]
    idempotency: str
    """Full name of the Redis key of its idempotency key; empty if it has none."""
    digest: str
    """Digest of its payload."""
    trace: str = ""
    """Trace context of its submission; empty if it is not traced."""


class Refused(Enum):
    """The reason why a job was not accepted."""

    FULL = _FULL
    """Unfinished jobs would take too many bytes."""
    INCOMPLETE = _INCOMPLETE
    """Some of its staged texts are missing."""


class Accepted(NamedTuple):
    """The accepted job: a new one, or the earlier one with the same idempotency key."""

    digest: str
    """Digest of the job's payload."""
    job_id: str


class StartedChunk(NamedTuple):
    """A chunk that this process has begun."""

    suspect: bool
    """Whether an earlier run of it has begun and not ended."""
    chunk: Chunk
    trace: str
    """Trace context of the job's submission; empty if it is not traced."""


class Resent(NamedTuple):
    """Numbers of tickets that a sweep has sent again."""

    died: int
    """For chunks whose process died."""
    lost: int
    """For chunks whose ticket was lost."""


def commit(keys: Keyspace, *, job: NewJob, most: int, window: int, keep: int) -> Call[Accepted | Refused]:
    """Accept a job and send its first tickets; it is safe to repeat the call if its reply was lost.

    Args:
        keys: the service's key names.
        job: the job.
        most: most bytes that unfinished jobs may take together.
        window: most tickets of one job in the queue.
        keep: milliseconds for which a job without texts is kept.
    """
    texts, weight, tokens = (sum(values) for values in zip((0, 0, 0), *map(_numbers, job.chunks), strict=True))
    head: list[Argument] = [job.id, job.owner, texts, len(job.chunks), weight, tokens, job.digest]

    def parse(reply: Any) -> Accepted | Refused:
        outcome, earlier = reply
        if outcome < 0:
            return Refused(outcome)
        return Accepted(job.digest, job.id) if outcome == _ACCEPTED else Accepted(*earlier.decode().split(" "))

    # An empty name would be a key to which the API's user has no right.
    names = [*_ledger(keys), job.idempotency] if job.idempotency else _ledger(keys)
    return Call(_COMMIT, names, [*head, most, window, _TEMPLATE, keep, job.trace], parse)


def cancel(keys: Keyspace, *, job_id: str, keep: int) -> Call[bool]:
    """Cancel a job; the reply is false if it had ended before.

    Args:
        keys: the service's key names.
        job_id: id of the job.
        keep: milliseconds for which the canceled job is kept.
    """
    return Call(_CANCEL, _ledger(keys), [job_id, keep], bool)


def start(
    keys: Keyspace, *, job_id: str, number: int, ticket: str, process_id: str, lease: int
) -> Call[StartedChunk | None]:
    """Begin a chunk; the reply is None if it is done, canceled, unknown, or run by another process.

    Args:
        keys: the service's key names.
        job_id: id of the chunk's job.
        number: the chunk's number in the job.
        ticket: id of the ticket.
        process_id: the id that this process's heartbeat announces.
        lease: milliseconds after which the run counts as dead.
    """
    names = [*_ledger(keys), keys.job_line]
    return Call(_START, names, [job_id, number, ticket, process_id, lease], _started)


def finish(
    keys: Keyspace, *, job_id: str, number: int, results: Results, complete: Chunk | None, keep: int
) -> Call[int]:
    """Write results of a chunk into the ledger, each once; the reply is the number of new results.

    Args:
        keys: the service's key names.
        job_id: id of the chunk's job.
        number: the chunk's number in the job.
        results: results of some or all of its texts.
        complete: the chunk, if all of its texts have results now; otherwise None.
        keep: milliseconds for which the job is kept if this ends it.
    """
    weight, tokens = (complete.weight, complete.tokens) if complete else (0, 0)
    head: list[Argument] = [job_id, number, int(complete is not None), weight, tokens, keep, _TEMPLATE]
    return Call(
        _FINISH, _ledger(keys), [*head, *(value for index, record in results for value in (index, *record))], int
    )


def sweep(keys: Keyspace, *, lost: int, most: int, interval: int) -> Call[Resent]:
    """Send tickets again for chunks that make no progress, unless another process has just done so.

    Args:
        keys: the service's key names.
        lost: age in milliseconds from which a ticket counts as lost if a worker has begun a later one.
        most: most lost tickets to send again.
        interval: milliseconds until the next sweep may begin.
    """
    own = [
        keys.job_line,
        keys.jobs_swept,
        keys.jobs_resent,
        keys.workers,
        keys.backlog(Lane.INTERACTIVE),
        keys.backlog_tokens(Lane.INTERACTIVE),
    ]
    return Call(_SWEEP, [*_ledger(keys), *own], [_TEMPLATE, LIVE_MS, lost, most, interval], _resent)


def _ledger(keys: Keyspace) -> list[str]:
    """Return the first keys of every script here, in the order of `_jobs.lua`."""
    return [
        keys.job(""),
        keys.queue(Lane.BULK),
        keys.job_chunks_waiting,
        keys.job_chunks_running,
        keys.jobs_open,
        keys.job_bytes,
        keys.backlog_tokens(Lane.BULK),
        keys.job_tickets,
        keys.job_events,
    ]


def _numbers(chunk: Chunk) -> tuple[int, int, int]:
    return len(chunk.texts), chunk.weight, chunk.tokens


def _started(reply: Any) -> StartedChunk | None:
    if reply is None:
        return None
    suspect, data, trace = reply
    return StartedChunk(bool(suspect), Chunk.decode(data), trace.decode())


def _resent(reply: Any) -> Resent:
    return Resent(*reply)
