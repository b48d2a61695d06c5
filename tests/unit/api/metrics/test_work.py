from dataclasses import replace

import pytest

from api.metrics.broker import Work, _parse
from shared.contract import Lane

WORK = Work(
    tokens={Lane.INTERACTIVE: 10, Lane.BULK: 20},
    items={Lane.INTERACTIVE: 2, Lane.BULK: 3},
    messages={Lane.INTERACTIVE: 1, Lane.BULK: 3},
    oldest={Lane.INTERACTIVE: 0.5, Lane.BULK: 7.0},
    jobs=4,
    resent={"died": 2},
)
# At 100 s: a text that is given up at 101.3 s, of the 1.8 s that it had; a chunk that was sent at 93 s.
REPLIES = [
    (100, 0), b"10", 1, b"20", 3, 2, [(b"5:k", 101_300.0)], 3, [(b"j:0", 93_000_000.0)], 4, {b"died": b"2"},
]  # fmt: skip


def test_the_brokers_replies_are_read() -> None:
    work = _parse(REPLIES, 1.8)
    assert work.oldest == pytest.approx(WORK.oldest)
    assert replace(work, oldest={}) == replace(WORK, oldest={})


def test_an_empty_broker_has_no_work() -> None:
    work = _parse([(100, 0), None, 0, None, 0, 0, [], 0, [], 0, {}], 1.8)
    assert set(work.tokens.values()) | set(work.items.values()) | set(work.oldest.values()) == {0}
    assert not work.jobs
    assert not work.resent
