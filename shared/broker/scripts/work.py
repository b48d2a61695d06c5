"""The script that reads the amount of unfinished work."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Call, Script
from shared.contract.names import Lane

_WORK = Script("work")


@dataclass(frozen=True)
class Work:
    """The unfinished work at one moment, most of it by lane."""

    tokens: dict[Lane, int]
    """Estimated tokens."""
    items: dict[Lane, int]
    """Synchronous texts; chunks with a ticket in the queue."""
    messages: dict[Lane, int]
    """Messages in the queue."""
    oldest: dict[Lane, float]
    """Age in seconds of the oldest item; 0 if there is none."""
    jobs: int
    """Unfinished jobs."""
    resent: dict[str, int]
    """Tickets sent again, by the reason."""


def read(keys: Keyspace, *, deadline: float) -> Call[Work]:
    """Read the amount of unfinished work.

    Args:
        keys: the service's key names.
        deadline: seconds from a request's arrival to its deadline; the age of a text is computed from its deadline.
    """
    names = [
        keys.backlog(Lane.INTERACTIVE),
        keys.backlog_tokens(Lane.INTERACTIVE),
        keys.queue(Lane.INTERACTIVE),
        keys.backlog_tokens(Lane.BULK),
        keys.queue(Lane.BULK),
        keys.job_chunks_waiting,
        keys.jobs_open,
        keys.jobs_resent,
    ]
    return Call(_WORK, names, (), partial(_work, deadline))


def _work(deadline: float, reply: Any) -> Work:
    tokens, texts, messages, left, bulk_tokens, chunks, bulk_messages, waited, jobs, resent = reply
    return Work(
        tokens={Lane.INTERACTIVE: max(0, tokens), Lane.BULK: max(0, bulk_tokens)},
        items={Lane.INTERACTIVE: texts, Lane.BULK: chunks},
        messages={Lane.INTERACTIVE: messages, Lane.BULK: bulk_messages},
        oldest={
            Lane.INTERACTIVE: max(0.0, deadline - left / 1e3) if texts else 0.0,
            Lane.BULK: max(0.0, waited / 1e6) if chunks else 0.0,
        },
        jobs=jobs,
        resent={name.decode(): int(count) for name, count in zip(resent[::2], resent[1::2], strict=True)},
    )
