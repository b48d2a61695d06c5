"""The steps on the broker as the release before does them and as this one does, behind the same methods."""

import json
from pathlib import Path
from typing import Any, Protocol

from redis import Redis

from shared.broker.fleet import Fleet
from shared.broker.keys import Keyspace
from shared.broker.scripts import claims, fleet, jobs
from shared.broker.scripts.callers import run_blocking
from shared.contract.jobs import Chunk
from shared.contract.messages import ticket_template
from shared.contract.names import LANES, Item, Lane
from shared.contract.results import Result

NAMESPACE, CHANNEL, KEEP = "test", "test:replies:one", 60_000
_EARLIER = Path(__file__).parent / "earlier"


class Api(Protocol):
    """The steps of an API process."""

    def claim(self, item: Item) -> Result | int: ...
    def send(self, message: bytes, item: Item) -> int: ...
    def fleet(self) -> Fleet: ...
    def commit(self, job: str, chunks: list[Chunk], idempotency: str) -> str | None: ...
    def cancel(self, job: str) -> bool: ...


class Worker(Protocol):
    """The steps of a worker."""

    def beat(self, process: str) -> str: ...
    def start(self, item: Item) -> Result | int: ...
    def finish(self, item: Item, result: Result) -> int: ...
    def start_chunk(self, job: str, number: int, ticket: str, process: str) -> tuple[bool, Chunk] | None: ...
    def finish_chunk(self, job: str, number: int, chunk: Chunk, results: list[tuple[int, bytes]]) -> int: ...
    def sweep(self) -> tuple[int, int]: ...


class Earlier:
    """Both sides of the release before: its scripts, with the keys and arguments that it gave them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._backlog = ["test:backlog:interactive", "test:backlog:interactive:tokens"]

    def claim(self, item: Item) -> Result | int:
        args = [CHANNEL, 500, 1, 1, 1000, item.key, item.tokens, KEEP]
        _, _, (state,) = self._run("claim", [*self._backlog, f"test:claim:{item.key}"], args)
        return Result.decode(state) if isinstance(state, bytes) else state

    def send(self, message: bytes, item: Item) -> int:
        return int(self._run("send", ["test:interactive", f"test:claim:{item.key}"], [1, message, item.deadline]))

    def fleet(self) -> Fleet:
        return Fleet.parse(self._run("fleet", ["test:workers", "test:active"], [60_000]))

    def commit(self, job: str, chunks: list[Chunk], idempotency: str) -> str | None:
        sums = [
            sum(len(c.texts) for c in chunks),
            len(chunks),
            sum(c.weight for c in chunks),
            sum(c.tokens for c in chunks),
        ]
        args = [job, "me", *sums, "digest", 1000, 1, ticket_template(), KEEP]
        outcome, told = self._run_job("job_commit", args, idempotency)
        return {1: job, 0: told.decode().split()[1] if isinstance(told, bytes) else "", -1: None}[outcome]

    def cancel(self, job: str) -> bool:
        return bool(self._run_job("job_cancel", [job, KEEP]))

    def beat(self, process: str) -> str:
        args = ["test:events", process, "v", 1, 0, 100.0, 1, 5000, ",".join(LANES), json.dumps({"bulk": 0.5})]
        active: bytes = self._run("beat", ["test:workers", "test:active", "test:models"], args)
        return active.decode()

    def start(self, item: Item) -> Result | int:
        _, (state,) = self._run("start", ["test:interactive", f"test:claim:{item.key}"], [1000, KEEP, item.deadline])
        return Result.decode(state) if isinstance(state, bytes) else state

    def finish(self, item: Item, result: Result) -> int:
        args = [item.key, result.encode(), KEEP, item.tokens]
        return int(self._run("finish", [f"test:claim:{item.key}", *self._backlog], args))

    def start_chunk(self, job: str, number: int, ticket: str, process: str) -> tuple[bool, Chunk] | None:
        reply = self._run_job("job_start", [job, number, ticket, process, KEEP])
        return (bool(reply[0]), Chunk.decode(reply[1])) if reply else None

    def finish_chunk(self, job: str, number: int, chunk: Chunk, results: list[tuple[int, bytes]]) -> int:
        head = [job, number, 1, chunk.weight, chunk.tokens, KEEP, ticket_template()]
        return int(self._run_job("job_finish", [*head, *(value for pair in results for value in pair)]))

    def sweep(self) -> tuple[int, int]:
        died, lost = self._run_job("job_sweep", [ticket_template(), 5000, KEEP, 100, 1])
        return died, lost

    def _run_job(self, name: str, args: list[Any], *more: str) -> Any:
        return self._run(name, ["test:", "test:bulk", *more], args, "_jobs")

    def _run(self, name: str, keys: list[str], args: list[Any], before: str = "") -> Any:
        text = "".join((_EARLIER / f"{part}.lua").read_text() for part in (before, name) if part)
        return self._redis.register_script(text)(keys=keys, args=args)


class Current:
    """Both sides of this release."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._keys = Keyspace(NAMESPACE)

    def claim(self, item: Item) -> Result | int:
        group = (1000, [(item.key, item.tokens, KEEP)])
        _, _, (state,) = run_blocking(self._redis, claims.claim(self._keys, channel=CHANNEL, lease=500, groups=[group]))
        return state

    def send(self, message: bytes, item: Item) -> int:
        return run_blocking(self._redis, claims.send(self._keys, messages=[message], items=[item]))

    def fleet(self) -> Fleet:
        return run_blocking(self._redis, fleet.read(self._keys))

    def commit(self, job: str, chunks: list[Chunk], idempotency: str) -> str | None:
        new = jobs.NewJob(job, "me", chunks, idempotency, "digest")
        accepted = run_blocking(self._redis, jobs.commit(self._keys, job=new, most=1000, window=1, keep=KEEP))
        return accepted.job_id if accepted else None

    def cancel(self, job: str) -> bool:
        return run_blocking(self._redis, jobs.cancel(self._keys, job_id=job, keep=KEEP))

    def beat(self, process: str) -> str:
        told = fleet.Announcement("v", 1, 0, 100.0, ",".join(LANES), {Lane.BULK: 0.5})
        return run_blocking(self._redis, fleet.beat(self._keys, process_id=process, announcement=told, ready=True))

    def start(self, item: Item) -> Result | int:
        _, (state,) = run_blocking(self._redis, claims.start(self._keys, items=[item], lease=1000, remembered=KEEP))
        return state

    def finish(self, item: Item, result: Result) -> int:
        call = claims.finish(self._keys, key=item.key, result=result, keep=KEEP, tokens=item.tokens)
        return run_blocking(self._redis, call)

    def start_chunk(self, job: str, number: int, ticket: str, process: str) -> tuple[bool, Chunk] | None:
        call = jobs.start(self._keys, job_id=job, number=number, ticket=ticket, process_id=process, lease=KEEP)
        return run_blocking(self._redis, call)

    def finish_chunk(self, job: str, number: int, chunk: Chunk, results: list[tuple[int, bytes]]) -> int:
        call = jobs.finish(self._keys, job_id=job, number=number, results=results, complete=chunk, keep=KEEP)
        return run_blocking(self._redis, call)

    def sweep(self) -> tuple[int, int]:
        return run_blocking(self._redis, jobs.sweep(self._keys, lost=KEEP, most=100, interval=1))
