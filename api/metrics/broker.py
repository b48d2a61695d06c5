"""What the broker knows of the work: one pipeline for each scrape."""

import asyncio
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.contract import LANES, Lane
from shared.keys import Keyspace


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


async def read_work(broker: Redis, keys: Keyspace, deadline: float, limit: float) -> Work | None:
    """Read what is unfinished.

    Args:
        broker: client of the broker.
        keys: where things live.
        deadline: seconds that a synchronous request has; the backlog is ordered by its end.
        limit: longest wait, in seconds.

    Returns:
        None while the broker is away.
    """
    async with broker.pipeline(transaction=False) as pipe:
        pipe.time()
        for lane in LANES:
            pipe.get(keys.backlog_tokens(lane))
            pipe.llen(keys.queue(lane))
        for ordered in (keys.backlog(Lane.INTERACTIVE), keys.job_chunks_waiting):
            pipe.zcard(ordered)
            pipe.zrange(ordered, 0, 0, withscores=True)
        pipe.zcard(keys.jobs_open)
        pipe.hgetall(keys.jobs_resent)
        try:
            async with asyncio.timeout(limit):
                replies = await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            return None
    return _parse(replies, deadline)


def _parse(replies: list[Any], deadline: float) -> Work:
    (seconds, micros), *rest = replies
    now = seconds + micros / 1e6
    tokens = dict(zip(LANES, (max(0, int(value or 0)) for value in rest[0:4:2]), strict=True))
    messages = dict(zip(LANES, rest[1:4:2], strict=True))
    texts, soonest, chunks, first, jobs, resent = rest[4:]
    oldest = {
        # Scores: ms of the deadline, and µs of the sending.
        Lane.INTERACTIVE: max(0.0, now + deadline - soonest[0][1] / 1e3) if soonest else 0.0,
        Lane.BULK: max(0.0, now - first[0][1] / 1e6) if first else 0.0,
    }
    return Work(
        tokens,
        {Lane.INTERACTIVE: texts, Lane.BULK: chunks},
        messages,
        oldest,
        jobs,
        {name.decode(): int(count) for name, count in resent.items()},
    )
