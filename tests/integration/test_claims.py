"""The atomic steps on the broker, one by one, on every Redis."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from redis import Redis

from shared.broker.keys import Keyspace
from shared.broker.scripts.callers import run_blocking
from shared.broker.scripts.claims import (
    ALONE,
    CLAIMED,
    LATE,
    REFUSED,
    RUN,
    TextState,
    claim,
    finish,
    send,
    start,
)
from shared.contract.names import Item, Lane
from shared.contract.results import FAILURE, Result, decode_reply
from tests.support.redis import RedisServer, available_servers
from tests.support.waiting import wait_for

SERVERS = available_servers()
ANSWER = Result("v", 5, b"[1]")
MESSAGE = b'{"body": ""}'
BEGUN = b'{"begun": true, "body": ""}'


def now(broker: "Broker") -> int:
    seconds, micros = broker.redis.time()
    return int(seconds) * 1000 + int(micros) // 1000


class Broker:
    """The scripts, with defaults for arguments that a test does not care about."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.keys = Keyspace("test")

    def claim(
        self,
        *texts: str,
        who: str = "me",
        tokens: int = 10,
        ms: int = 60_000,
        most: int = 1000,
        lease: int = 60_000,
    ) -> list[TextState]:
        group = (most, [(text, tokens, ms) for text in texts])
        return run_blocking(self.redis, claim(self.keys, channel=who, lease=lease, groups=[group]))[2]

    def claim_and_send(self, *texts: str, error: int = 0) -> bool:
        """Claim texts, with a message, by a clock that is wrong by so many ms; return whether it was queued."""
        groups, assumed = [(1000, [(text, 10, 5_000) for text in texts])], now(self) + error
        call = claim(self.keys, channel="me", lease=500, groups=groups, messages=[MESSAGE], assumed=assumed)
        return run_blocking(self.redis, call).sent

    def wait(self, text: str, who: str = "you") -> int:
        """Claim a text that somebody has, and return for how many milliseconds."""
        (state,) = self.claim(text, who=who, most=0)
        assert isinstance(state, int)
        return state

    def send(self, *texts: str, deadline: int = 2**41) -> int:
        items = [item(text, deadline) for text in texts]
        return run_blocking(self.redis, send(self.keys, messages=[MESSAGE], items=items))

    def start(self, text: str, deadline: int = 2**50, lease: int = 1000, *, again: bool = False) -> TextState:
        items = [item(text, deadline)]
        call = start(self.keys, items=items, own=[f"own:{text}"], lease=lease, again=again)
        return run_blocking(self.redis, call).states[0]

    def finish(self, *texts: str, result: Result = ANSWER, keep: int = 10_000) -> int:
        return run_blocking(self.redis, finish(self.keys, [(item(text, 0), result, keep) for text in texts]))

    def queued(self) -> list[bytes]:
        """Return the messages in the queue, the newest first."""
        return cast("list[bytes]", self.redis.lrange(self.keys.queue(Lane.INTERACTIVE), 0, -1))

    def backlog(self) -> int:
        value: Any = self.redis.get(self.keys.backlog_tokens(Lane.INTERACTIVE))
        return int(value or 0)


def item(text: str, deadline: int) -> Item:
    return Item(text, text, 10, deadline, "r")


@pytest.fixture(scope="module", params=sorted(SERVERS))
def redis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = RedisServer("broker", tmp_path_factory.mktemp("broker"), SERVERS[request.param])
    server.start()
    with server.client() as client:
        yield client
    server.stop()


@pytest.fixture
def broker(redis: Redis) -> Broker:
    redis.flushall()
    return Broker(redis)


def test_the_first_claims_and_the_others_wait(broker: Broker) -> None:
    assert broker.claim("a", "b") == [CLAIMED, CLAIMED]
    assert 0 < broker.wait("a") <= 60_000
    assert broker.backlog() == 20


def test_a_process_that_waits_learns_which_inference_it_waits_for(broker: Broker) -> None:
    def inferences(who: str, *inferences: str) -> dict[int, str]:
        group = (1000, [("other", 10, 60_000), ("text", 10, 60_000)])
        call = claim(broker.keys, channel=who, lease=60_000, groups=[group], inferences=inferences)
        return run_blocking(broker.redis, call).inferences

    assert inferences("me", "", "mine") == {}
    assert inferences("you", "yours", "yours") == {1: "mine"}
    broker.redis.hset(broker.keys.claim("text"), "until", 0)
    assert broker.claim("text", who="you") == [CLAIMED]
    assert inferences("me", "", "mine") == {}


def test_a_text_that_is_not_sent_is_free_after_its_lease_but_for_its_claimer_at_once(broker: Broker) -> None:
    assert broker.claim("a", lease=60_000) == [CLAIMED]
    assert broker.claim("a", most=0) == [CLAIMED], "claimed again, and admitted before"
    assert 0 < broker.wait("a") <= 60_000
    assert broker.claim("b", lease=1) == [CLAIMED]
    wait_for(lambda: broker.claim("b", who="you") == [CLAIMED], "the lease to end")
    assert broker.backlog() == 20, "each text counts once"


def test_a_text_that_is_sent_is_held_for_as_long_as_it_is_wanted(broker: Broker) -> None:
    broker.claim("a", lease=60_000)
    assert broker.send("a") == 1
    assert broker.wait("a", who="me") > 10**9, "to be waited for, by its claimer too"
    assert broker.queued() == [BEGUN]


def test_a_message_is_queued_with_its_claims_if_all_are_granted_and_the_clock_is_known(broker: Broker) -> None:
    assert broker.claim_and_send("a", "b")
    assert broker.queued() == [BEGUN]
    assert broker.wait("a") > 500, "claimed to its deadline"
    assert broker.claim("b", who="me")[0] != CLAIMED, "it has been sent"
    assert not broker.claim_and_send("a", "c"), "one of them is under way"
    for error in (-200, 200):
        assert not broker.claim_and_send(f"wrong by {error}", error=error)
    assert len(broker.queued()) == 1
    assert broker.wait("c") <= 500
    assert broker.backlog() == 50


def test_sending_leaves_alone_what_has_come_to_an_end(broker: Broker) -> None:
    broker.claim("a")
    broker.finish("a")
    broker.send("a", "never claimed")
    assert broker.queued() == [MESSAGE]
    assert broker.claim("a") == [ANSWER]
    assert broker.claim("never claimed") == [CLAIMED]


def test_everyone_who_waits_hears_the_result_and_late_comers_find_it(broker: Broker) -> None:
    broker.claim("a", who="me")
    broker.claim("a", who="you")
    with broker.redis.pubsub() as ears:  # type: ignore[no-untyped-call]
        ears.subscribe("me", "you")
        for _ in range(2):
            wait_for(lambda: ears.get_message(timeout=1), "the subscription")
        assert broker.finish("a") == 2
        heard = [wait_for(lambda: ears.get_message(timeout=1), "a result") for _ in range(2)]
    assert {message["channel"] for message in heard} == {b"me", b"you"}
    assert {decode_reply(message["data"]) for message in heard} == {("a", ANSWER)}
    assert broker.claim("a", who="third") == [ANSWER]
    assert broker.start("a") == ANSWER, "a second worker computes nothing"
    assert broker.backlog() == 0


def test_results_of_one_message_are_finished_in_one_step(broker: Broker) -> None:
    broker.claim("a", "b", "c")
    assert broker.finish("a", "c") == 2
    assert broker.claim("a", "b", "c", most=30) == [ANSWER, CLAIMED, ANSWER]
    assert broker.backlog() == 10


def test_a_failure_is_handed_out_but_not_kept(broker: Broker) -> None:
    broker.claim("a")
    assert broker.finish("a", result=Result("v", 0, FAILURE), keep=0) == 1
    assert broker.claim("a") == [CLAIMED]


def test_a_result_that_arrives_twice_counts_once(broker: Broker) -> None:
    broker.claim("a", "b")
    broker.finish("a")
    assert broker.finish("a") == 0
    assert broker.backlog() == 10


def test_whoever_waits_longer_takes_a_lapsed_claim_over(broker: Broker) -> None:
    broker.claim("a", ms=1)
    wait_for(lambda: broker.claim("a", who="you") == [CLAIMED], "the claim to lapse")


def test_a_claim_that_a_worker_has_begun_lasts_longer(broker: Broker) -> None:
    broker.claim("a", ms=50)
    assert broker.start("a", lease=60_000) == RUN
    assert broker.wait("a") > 50


def test_a_text_that_has_begun_before_and_come_to_no_end_runs_alone(broker: Broker) -> None:
    broker.claim("a", ms=50)
    assert [broker.start("a", lease=1) for _ in range(3)] == [RUN, ALONE, ALONE]
    wait_for(lambda: broker.claim("a", who="you") == [CLAIMED], "the claim to lapse")
    broker.send("a", deadline=now(broker) + 60_000)
    assert broker.redis.pttl(broker.keys.claim("a")) > 300_000, (
        "neither a new claim nor its message shortens the memory"
    )
    assert broker.start("a") == ALONE, "a new claim knows of it"
    broker.finish("a", keep=0)
    broker.claim("a")
    assert broker.start("a") == RUN, "an end is an end"


def test_a_message_whose_texts_were_marked_as_begun_says_so(broker: Broker) -> None:
    broker.claim("a", ms=1)
    broker.send("a", deadline=now(broker) + 1)
    assert broker.queued() == [BEGUN]
    assert broker.redis.pttl(broker.keys.claim("a")) > 300_000, "remembered, as its run may end its process"
    wait_for(lambda: broker.claim("a", who="you", ms=5_000) == [CLAIMED], "the claim to lapse")
    broker.send("a", deadline=now(broker) + 5_000)
    assert broker.queued() == [MESSAGE, BEGUN], "an earlier run may have begun"
    assert broker.redis.pttl(broker.keys.claim("a")) > 300_000
    assert broker.start("a") == ALONE


@pytest.mark.parametrize(("again", "state"), [(False, RUN), (True, ALONE)])
def test_a_mark_that_came_with_the_message_is_no_earlier_run(broker: Broker, again: bool, state: int) -> None:
    deadline = now(broker) + 60_000
    broker.claim("a")
    broker.send("a", deadline=deadline)
    assert broker.start("a", deadline=deadline, again=again) == state


def test_a_text_that_was_too_late_to_run_need_not_run_alone(broker: Broker) -> None:
    deadline = now(broker) - 1
    for again, message in ((False, BEGUN), (True, MESSAGE)):
        broker.claim("a")
        broker.send("a", deadline=deadline)
        assert broker.start("a", deadline=deadline, again=again) == LATE
        assert broker.claim("a", who="you") == [CLAIMED]
        broker.send("a")
        assert broker.queued()[0] == message
        broker.redis.delete(broker.keys.claim("a"))


def test_the_messages_of_a_text_that_has_ended_a_process_have_no_mark(broker: Broker) -> None:
    broker.redis.set(broker.keys.tries("a"), 1, ex=600)
    assert broker.claim_and_send("a", "b")
    broker.claim("c", "a")
    broker.send("c", "a")
    assert broker.queued() == [MESSAGE, MESSAGE]


def test_a_text_that_has_ended_a_process_runs_alone(broker: Broker) -> None:
    broker.claim("a", "b")
    broker.redis.set(broker.keys.tries("own:a"), 1, ex=600)
    assert [broker.start(text) for text in ("a", "b")] == [ALONE, RUN]


def test_a_request_is_admitted_as_a_whole_or_not_at_all(broker: Broker) -> None:
    assert broker.claim("a", most=10) == [CLAIMED]
    assert broker.claim("b", "c", most=29) == [REFUSED, REFUSED]
    assert broker.claim("b", "c", most=30) == [CLAIMED, CLAIMED]
    assert broker.claim("d", most=30) == [REFUSED]
    assert broker.wait("a") > 0, "what is under way costs nothing more"


def test_what_nobody_waits_for_is_no_backlog(broker: Broker) -> None:
    broker.claim("a", "b", ms=1)
    wait_for(lambda: broker.claim("c", most=10) == [CLAIMED], "the backlog to expire")
    assert broker.backlog() == 10


def test_work_past_its_deadline_is_not_begun(broker: Broker) -> None:
    broker.claim("a")
    assert broker.start("a", deadline=1) == LATE


def test_every_claim_expires_by_itself(broker: Broker) -> None:
    broker.claim("a", "b", "c")
    broker.start("b")
    broker.finish("c")
    for text in "abc":
        assert broker.redis.pttl(broker.keys.claim(text)) > 0
