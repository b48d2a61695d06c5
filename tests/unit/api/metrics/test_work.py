from dataclasses import replace

import pytest

from api.metrics.work import Work, parse
from shared.contract.names import Lane

WORK = Work(
    tokens={Lane.INTERACTIVE: 10, Lane.BULK: 20},
    items={Lane.INTERACTIVE: 2, Lane.BULK: 3},
    messages={Lane.INTERACTIVE: 1, Lane.BULK: 3},
    oldest={Lane.INTERACTIVE: 0.5, Lane.BULK: 7.0},
    jobs=4,
    resent={"died": 2},
)
# A text that is given up in 1.3 s, of the 1.8 s that it had; a chunk that was sent 7 s ago.
REPLY = [10, 2, 1, 1_300, 20, 3, 3, 7_000_000, 4, [b"died", b"2"]]


def test_the_brokers_reply_is_read() -> None:
    work = parse(REPLY, 1.8)
    assert work.oldest == pytest.approx(WORK.oldest)
    assert replace(work, oldest={}) == replace(WORK, oldest={})


def test_an_empty_broker_has_no_work() -> None:
    work = parse([0, 0, 0, -1, 0, 0, 0, -1, 0, []], 1.8)
    assert set(work.tokens.values()) | set(work.items.values()) | set(work.oldest.values()) == {0}
    assert not work.jobs
    assert not work.resent
