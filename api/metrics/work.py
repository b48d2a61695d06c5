"""What the broker knows of the work: one read of it for each scrape."""

import asyncio
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.fresh import Fresh
from shared.broker.keys import Keyspace
from shared.broker.scripts import Script
from shared.contract.names import Lane


@dataclass(frozen=True)
class Work:
    """The work at one moment, by lane where it says so."""

    tokens: dict[Lane, int]
    items: dict[Lane, int]
    messages: dict[Lane, int]
    oldest: dict[Lane, float]
    """Seconds; 0 where there is none."""
    jobs: int
    resent: dict[str, int]


class WorkReader:
    """Reads what is unfinished, at most once a second.

    Args:
        broker: client of the broker.
        keys: where things live.
        deadline: seconds that a synchronous request has; the backlog is ordered by its end.
        limit: longest wait, in seconds.
    """

    def __init__(self, broker: Redis, keys: Keyspace, deadline: float, limit: float) -> None:
        self._script = broker.register_script(Script.WORK.source)
        self._keys = [
            keys.backlog(Lane.INTERACTIVE),
            keys.backlog_tokens(Lane.INTERACTIVE),
            keys.queue(Lane.INTERACTIVE),
            keys.backlog_tokens(Lane.BULK),
            keys.queue(Lane.BULK),
            keys.job_chunks_waiting,
            keys.jobs_open,
            keys.jobs_resent,
        ]
        self._deadline = deadline
        self._limit = limit
        self._fresh = Fresh(self._ask)

    async def read(self) -> Work | None:
        """Return the work; None while the broker is away."""
        return await self._fresh.get()

    async def _ask(self) -> Work | None:
        try:
            async with asyncio.timeout(self._limit):
                return parse(await self._script(keys=self._keys), self._deadline)
        except (RedisError, OSError, TimeoutError):
            return None


def parse(reply: list[Any], deadline: float) -> Work:
    """Read the reply of `work.lua`."""
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
