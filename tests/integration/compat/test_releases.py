"""API and worker of two releases on one broker, either way round.

`earlier/` holds the scripts of the release before, as they were; what else crosses is held as bytes.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared.broker.fleet import Fleet
from shared.broker.keys import Keyspace
from shared.contract.jobs import Chunk
from shared.contract.messages import encode_message, ticket_template
from shared.contract.names import Item, Lane
from shared.contract.results import Result, decode_reply, encode_reply
from tests.integration.compat.sides import CHANNEL, NAMESPACE, Api, Current, Earlier, Worker
from tests.support.redis import RedisServer, available_servers
from tests.support.waiting import wait_for
from worker.queue.transport import find_flaw

SERVERS = available_servers()
KEYS = Keyspace(NAMESPACE)
CLAIMED, RUN = -1, 1
ITEM = Item("v:0123", "a text", 9, 2**41, "request")
RESULT = Result("v", 500, b'[{"label":"POSITIVE"}]')
CHUNKS = [Chunk(0, 5, 10, ("a", "b")), Chunk(2, 3, 6, ("c",))]


@pytest.fixture(params=sorted(SERVERS))
def redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redis]:
    server = RedisServer("broker", tmp_path, SERVERS[request.param])
    server.start()
    with server.client() as client:
        yield client
    server.stop()


@pytest.fixture(params=["earlier API", "earlier worker"])
def sides(request: pytest.FixtureRequest, redis: Redis) -> tuple[Api, Worker]:
    earlier, current = Earlier(redis), Current(redis)
    return (earlier, current) if request.param == "earlier API" else (current, earlier)


def tickets(redis: Redis) -> list[dict[str, Any]]:
    messages = [json.loads(message) for message in reversed(redis.lrange(KEYS.queue(Lane.BULK), 0, -1))]
    redis.delete(KEYS.queue(Lane.BULK))
    assert not any(map(find_flaw, messages))
    return messages


def test_a_text_from_claim_to_result(sides: tuple[Api, Worker], redis: Redis) -> None:
    api, worker = sides
    assert api.claim(ITEM) == CLAIMED
    assert api.send(encode_message([ITEM], Lane.INTERACTIVE), ITEM) == 1
    assert worker.start(ITEM) == RUN
    waiting = api.claim(ITEM)
    assert isinstance(waiting, int)
    assert waiting > 0
    with redis.pubsub() as ears:  # type: ignore[no-untyped-call]
        ears.subscribe(CHANNEL)
        wait_for(lambda: ears.get_message(timeout=1), "the subscription")
        assert worker.finish(ITEM, RESULT) == 1
        message = wait_for(lambda: ears.get_message(timeout=1), "the result")
    assert decode_reply(message["data"]) == (ITEM.key, RESULT)
    assert api.claim(ITEM) == worker.start(ITEM) == RESULT
    assert redis.get(KEYS.backlog_tokens(Lane.INTERACTIVE)) == b"0"


def test_a_job_from_commit_to_end(sides: tuple[Api, Worker], redis: Redis) -> None:
    api, worker = sides
    redis.hset(KEYS.job_texts("j"), mapping={str(n): chunk.encode() for n, chunk in enumerate(CHUNKS)})
    assert api.commit("j", CHUNKS, KEYS.idempotency("key")) == "j"
    assert api.commit("other", [], KEYS.idempotency("key")) == "j"
    for number, chunk in enumerate(CHUNKS):
        (ticket,) = tickets(redis)
        assert json.loads(ticket["body"])[0] == ["j", str(number)]
        assert worker.start_chunk("j", number, ticket["headers"]["id"], "p") == (False, chunk)
        results = [(chunk.first + n, b"[1]") for n in range(len(chunk.texts))]
        assert worker.finish_chunk("j", number, chunk, results) == len(chunk.texts)
    assert redis.hmget(KEYS.job("j"), "status", "done") == [b"succeeded", b"3"]
    assert redis.mget(KEYS.job_bytes, KEYS.backlog_tokens(Lane.BULK)) == [b"0", b"0"]
    assert not api.cancel("j")


def test_a_chunk_whose_worker_died_is_sent_again_by_the_other_release(redis: Redis) -> None:
    earlier, current = Earlier(redis), Current(redis)
    for job, dead, alive in (("one", earlier, current), ("two", current, earlier)):
        redis.hset(KEYS.job_texts(job), mapping={"0": CHUNKS[0].encode()})
        assert alive.commit(job, CHUNKS[:1], "") == job
        tickets(redis)
        assert dead.start_chunk(job, 0, "ticket", "dead") == (False, CHUNKS[0])
        redis.delete(KEYS.jobs_swept)
        assert alive.sweep() == (1, 0)
        (ticket,) = tickets(redis)
        assert dead.start_chunk(job, 0, ticket["headers"]["id"], "p") == (True, CHUNKS[0])
        assert alive.cancel(job)


def test_a_worker_is_seen(sides: tuple[Api, Worker]) -> None:
    api, worker = sides
    assert worker.beat("p") == "v"
    fleet = api.fleet()
    assert isinstance(fleet, Fleet)
    assert fleet.active == "v"
    (seen,) = fleet.workers
    assert (seen.id, seen.version, seen.rate, seen.lanes, seen.busy) == (
        "p",
        "v",
        100,
        "interactive,bulk",
        {"bulk": 0.5},
    )


def test_bytes_that_cross() -> None:
    golden = json.loads((Path(__file__).parent / "bytes.json").read_text("utf-8"))
    message, ticket = json.loads(encode_message([ITEM], Lane.INTERACTIVE)), json.loads(ticket_template())
    for document in (message, ticket):
        identity = document["headers"]["id"]
        document["headers"]["origin"] = "ORIGIN"
        text = json.dumps(document).replace(identity, "ID")
        assert text in golden.values()
    assert CHUNKS[0].encode().decode() == golden["chunk"]
    assert Chunk.decode(golden["chunk"].encode()) == CHUNKS[0]
    assert encode_reply(ITEM.key, RESULT.encode()).decode() == golden["reply"]
    assert not find_flaw(json.loads(golden["message"]))
