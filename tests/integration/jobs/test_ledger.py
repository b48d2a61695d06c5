"""The steps that move jobs on, one by one, on every Redis."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from shared.broker.keys import Keyspace
from shared.broker.scripts.callers import run_blocking
from shared.broker.scripts.jobs import Accepted, NewJob, Refused, StartedChunk, cancel, commit, finish, start, sweep
from shared.contract.jobs import Chunk
from shared.contract.names import Lane
from shared.contract.record import Facts, Record
from tests.support.redis import RedisServer, available_servers
from tests.support.waiting import wait_for
from worker.lanes.messages import find_flaw

SERVERS = available_servers()
GOOD, BAD = b"[1]", b'{"error":1}'
LONG = 60_000


class Ledger:
    """The scripts, with arguments that read like a sentence."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.keys = Keyspace("test")
        self.queue = self.keys.queue(Lane.BULK)

    def commit(
        self, job: str, chunks: int, *, window: int = 64, most: int = 10**6, key: str = ""
    ) -> Accepted | Refused:
        """A job of one text a chunk, of weight 10 and 5 tokens each."""
        staged = [Chunk(number, 5, 10, (f"{job} {number}",)) for number in range(chunks)]
        for number, chunk in enumerate(staged):
            self.redis.hset(self.keys.job_texts(job), str(number), chunk.encode())
        new = NewJob(job, "me", staged, key, f"digest-{job}")
        return run_blocking(self.redis, commit(self.keys, job=new, most=most, window=window, keep=LONG))

    def start(
        self, job: str, chunk: int, ticket: str = "t1", process: str = "p1", lease: int = LONG
    ) -> StartedChunk | None:
        call = start(self.keys, job_id=job, number=chunk, ticket=ticket, process_id=process, lease=lease)
        return run_blocking(self.redis, call)

    def begin(self, job: str, chunk: int, ticket: str = "t1", process: str = "p1") -> StartedChunk:
        """Begin a chunk that there must be."""
        started = self.start(job, chunk, ticket, process)
        assert started
        return started

    def finish(self, job: str, number: int, result: bytes = GOOD, *, complete: bool = True, head: bytes = b"") -> int:
        chunk = Chunk(number, 5, 10, ()) if complete else None
        results = [(number, Record(result, head))]
        return run_blocking(
            self.redis, finish(self.keys, job_id=job, number=number, results=results, complete=chunk, keep=LONG)
        )

    def cancel(self, job: str) -> bool:
        return run_blocking(self.redis, cancel(self.keys, job_id=job, keep=LONG))

    def sweep(self, lost: int = LONG) -> tuple[int, int]:
        self.redis.delete(self.keys.jobs_swept)
        return run_blocking(self.redis, sweep(self.keys, lost=lost, most=100, interval=1))

    def alive(self, process: str = "p1") -> None:
        now = self.redis.time()[0] * 1000
        self.redis.hset(self.keys.workers, process, json.dumps({"beat": now}))

    def job(self, job: str, *fields: str) -> list[bytes | None]:
        values: Any = self.redis.hmget(self.keys.job(job), list(fields))
        return list(values)

    def tickets(self) -> list[Any]:
        """Take all tickets, the next one first."""
        messages = [json.loads(message) for message in reversed(self.redis.lrange(self.queue, 0, -1))]
        self.redis.delete(self.queue)
        assert not any(find_flaw(message) for message in messages)
        return [tuple(json.loads(message["body"])[0]) for message in messages]

    def weights(self) -> tuple[int, int]:
        values = self.redis.mget(self.keys.job_bytes, self.keys.backlog_tokens(Lane.BULK))
        return int(values[0] or 0), int(values[1] or 0)


@pytest.fixture(scope="module", params=sorted(SERVERS))
def redis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = RedisServer("broker", tmp_path_factory.mktemp("broker"), SERVERS[request.param])
    server.start()
    with server.client() as client:
        yield client
    server.stop()


@pytest.fixture
def ledger(redis: Redis) -> Ledger:
    redis.flushall()
    return Ledger(redis)


def test_a_job_from_commit_to_success(ledger: Ledger) -> None:
    assert ledger.commit("a", 3, window=2) == ("digest-a", "a")
    assert ledger.weights() == (30, 15)
    assert ledger.tickets() == [("a", "0"), ("a", "1")], "no more than the window"
    assert ledger.begin("a", 0).chunk.texts == ("a 0",)
    assert ledger.job("a", "status") == [b"processing"]
    assert ledger.finish("a", 0) == 1
    assert ledger.tickets() == [("a", "2")], "each chunk that ends sends the next"
    assert ledger.weights() == (20, 10)
    for chunk in (1, 2):
        ledger.start("a", chunk)
        ledger.finish("a", chunk, BAD)
    assert ledger.job("a", "status", "done", "failed") == [b"succeeded", b"3", b"2"]
    assert ledger.weights() == (0, 0)
    assert not ledger.redis.exists(ledger.keys.job_texts("a"))
    assert 0 < ledger.redis.pttl(ledger.keys.job("a")) <= LONG
    assert 0 < ledger.redis.pttl(ledger.keys.job_results("a")) <= LONG
    assert not ledger.redis.zcard(ledger.keys.jobs_open)


def test_a_job_without_any_answer_has_failed(ledger: Ledger) -> None:
    ledger.commit("a", 1)
    ledger.start("a", 0)
    ledger.finish("a", 0, BAD)
    assert ledger.job("a", "status") == [b"failed"]


def test_a_result_that_arrives_twice_counts_once(ledger: Ledger) -> None:
    ledger.commit("a", 2)
    ledger.start("a", 0)
    assert [ledger.finish("a", 0), ledger.finish("a", 0, BAD)] == [1, 0]
    assert ledger.job("a", "done", "failed") == [b"1", b"0"]
    assert ledger.redis.hget(ledger.keys.job_results("a"), "0") == GOOD
    assert ledger.weights() == (10, 5)


def test_facts_stand_beside_the_result_that_was_taken(ledger: Ledger) -> None:
    ledger.commit("a", 3)
    heads = [Facts(0, tokens=tokens).encode() for tokens in (3, 4)]
    for chunk, head in ((0, heads[0]), (1, b""), (2, heads[1])):
        ledger.start("a", chunk)
        ledger.finish("a", chunk, head=head, complete=chunk == 1)
    ledger.finish("a", 0, head=heads[1])
    kept = ledger.redis.hgetall(ledger.keys.job_results("a"))
    assert kept == {b"0": GOOD, b"1": GOOD, b"2": GOOD, b"f0": heads[0], b"f2": heads[1]}


def test_a_ticket_too_many_is_dropped(ledger: Ledger) -> None:
    ledger.commit("a", 1)
    assert ledger.start("a", 0, ticket="t1")
    assert ledger.start("a", 0, ticket="t2", process="p2") is None, "another process runs it"
    ledger.finish("a", 0)
    assert ledger.start("a", 0) is None, "it is done"
    assert ledger.start("unknown", 0) is None


def test_the_same_ticket_again_means_that_its_process_died(ledger: Ledger) -> None:
    ledger.commit("a", 1)
    assert not ledger.begin("a", 0).suspect
    assert ledger.begin("a", 0, process="p2").suspect


def test_chunks_of_dead_processes_and_of_overdue_leases_are_sent_again(ledger: Ledger) -> None:
    ledger.commit("a", 3)
    ledger.tickets()
    ledger.alive("p1")
    ledger.start("a", 0, process="p1")
    ledger.start("a", 1, process="dead")
    ledger.start("a", 2, process="p1", lease=0)
    assert ledger.sweep() == (2, 0)
    assert sorted(ledger.tickets()) == [("a", "1"), ("a", "2")]
    assert ledger.begin("a", 1, ticket="t2").suspect, "it is run with care"
    assert ledger.redis.hgetall(ledger.keys.jobs_resent) == {b"died": b"2", b"lost": b"0"}


def test_lost_tickets_are_sent_again_once_the_line_has_passed_them_or_ended(ledger: Ledger) -> None:
    ledger.commit("a", 1)
    ledger.commit("b", 1)
    wait_for(lambda: ledger.redis.time()[1] % 1000, "the clock to move")
    assert ledger.sweep(lost=0) == (0, 0), "they wait their turn"
    lost: Any
    kept: Any
    lost, kept = ledger.redis.rpop(ledger.queue), ledger.redis.rpop(ledger.queue)
    assert lost
    assert kept
    ledger.alive()
    ledger.redis.lpush(ledger.queue, b"something else that waits")
    ledger.start("b", 0, ticket=json.loads(kept)["headers"]["id"])
    assert ledger.sweep(lost=0) == (0, 1), "b stood behind a"
    ledger.redis.delete(ledger.queue)
    assert ledger.sweep(lost=0) == (0, 1), "nothing waits any longer, and a has not begun"
    assert ledger.tickets() == [("a", "0")]


def test_an_old_ticket_of_a_chunk_that_was_sent_again_tells_nothing_of_the_line(ledger: Ledger) -> None:
    ledger.commit("a", 1)
    message: Any = ledger.redis.lindex(ledger.queue, 0)
    first = json.loads(message)["headers"]["id"]
    ledger.commit("b", 1)
    ledger.start("a", 0, ticket=first, process="dead")
    assert ledger.sweep() == (1, 0)
    ledger.alive()
    ledger.start("a", 0, ticket=first)
    assert ledger.sweep(lost=0) == (0, 0), "b still waits in its place"


def test_one_sweep_at_a_time(ledger: Ledger) -> None:
    ledger.commit("a", 1)
    ledger.start("a", 0, process="dead")
    call = sweep(ledger.keys, lost=LONG, most=100, interval=LONG)
    assert [run_blocking(ledger.redis, call) for _ in range(2)] == [(1, 0), (0, 0)]


def test_a_canceled_job_takes_nothing_more(ledger: Ledger) -> None:
    ledger.commit("a", 2)
    ledger.start("a", 0)
    assert [ledger.cancel("a"), ledger.cancel("a")] == [True, False]
    assert ledger.start("a", 1) is None
    assert ledger.finish("a", 0) == 0
    assert ledger.job("a", "status", "done") == [b"canceled", b"0"]
    assert ledger.weights() == (0, 0)
    assert ledger.sweep(lost=0) == (0, 0)


def test_an_idempotency_key_makes_one_job(ledger: Ledger) -> None:
    key = ledger.keys.idempotency("key")
    assert ledger.commit("a", 1, key=key) == ("digest-a", "a")
    assert ledger.commit("b", 1, key=key) == ("digest-a", "a")
    assert not ledger.redis.exists(ledger.keys.job("b"), ledger.keys.job_texts("b"))
    assert ledger.redis.pttl(key) == -1, "kept as long as the job is not done"
    ledger.start("a", 0)
    ledger.finish("a", 0)
    assert 0 < ledger.redis.pttl(key) <= LONG


def test_too_much_is_refused_and_leaves_nothing(ledger: Ledger) -> None:
    assert isinstance(ledger.commit("a", 2, most=20), Accepted)
    assert ledger.commit("b", 1, most=20) is Refused.FULL
    assert not ledger.redis.exists(ledger.keys.job("b"), ledger.keys.job_texts("b"))


def test_a_commit_whose_reply_was_lost_is_repeated_without_effect(ledger: Ledger) -> None:
    ledger.commit("a", 2)
    ledger.start("a", 0)
    ledger.finish("a", 0)
    weights = ledger.weights()
    staged = [Chunk(number, 5, 10, (f"a {number}",)) for number in range(2)]
    new = NewJob("a", "me", staged, "", "digest-a")
    call = commit(ledger.keys, job=new, most=10**6, window=64, keep=LONG)
    assert run_blocking(ledger.redis, call) == ("digest-a", "a")
    assert ledger.weights() == weights
    assert ledger.job("a", "done", "status") == [b"1", b"processing"]


def test_a_job_of_which_texts_are_missing_is_refused(ledger: Ledger) -> None:
    staged = [Chunk(number, 5, 10, (f"a {number}",)) for number in range(2)]
    ledger.redis.hset(ledger.keys.job_texts("a"), "0", staged[0].encode())
    ledger.redis.expire(ledger.keys.job_texts("a"), 60)
    new = NewJob("a", "me", staged, ledger.keys.idempotency("key"), "digest-a")
    call = commit(ledger.keys, job=new, most=10**6, window=64, keep=LONG)
    assert run_blocking(ledger.redis, call) is Refused.INCOMPLETE
    assert not ledger.redis.exists(ledger.keys.job("a"), ledger.keys.idempotency("key"))
    assert not ledger.tickets()
