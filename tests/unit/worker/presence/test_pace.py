import pytest

from shared.contract.names import Lane
from worker.presence.pace import Pace


def settled(*, waiting: bool) -> Pace:
    """Messages of 10 tokens that take 1 s each, with 1 s between them."""
    pace = Pace(25.0)
    for i in range(200):
        pace.record(2.0 * i, 2.0 * i + 1, 10, lane=Lane.INTERACTIVE, waiting=waiting)
    return pace


def test_until_something_was_seen_the_surroundings_are_guessed() -> None:
    assert Pace(0.004).rate == pytest.approx(5000)


def test_self_tests_correct_the_guess_until_something_was_seen() -> None:
    pace = Pace(0.009)
    pace.tested(0.004)
    pace.tested(0.019)
    assert pace.rate == pytest.approx(5000)
    pace.record(0, 1, 10, lane=Lane.BULK, waiting=False)
    seen = pace.rate
    pace.tested(0.001)
    assert pace.rate == seen


def test_a_wrong_guess_does_not_last() -> None:
    pace = Pace(10.0)
    for i in range(9):
        pace.record(2.0 * i, 2.0 * i + 1, 10, lane=Lane.BULK, waiting=False)
    assert pace.rate == pytest.approx(10, rel=0.3)


def test_idleness_does_not_count() -> None:
    assert settled(waiting=False).rate == pytest.approx(10, rel=0.01)


def test_what_lies_between_two_waiting_messages_counts() -> None:
    assert settled(waiting=True).rate == pytest.approx(5, rel=0.01)


def test_messages_without_work_cost_time_all_the_same() -> None:
    pace = Pace(25.0)
    for i in range(200):
        pace.record(2.0 * i, 2.0 * i + 1, 10 if i % 2 else 0, lane=Lane.INTERACTIVE, waiting=False)
    assert pace.rate == pytest.approx(5, rel=0.01)


def test_one_standstill_does_not_make_a_model_slow_but_lasting_slowness_does() -> None:
    pace = settled(waiting=False)
    pace.record(1000, 1060, 10, lane=Lane.INTERACTIVE, waiting=False)
    assert pace.rate > 5
    for i in range(100):
        pace.record(2000 + 70 * i, 2060 + 70 * i, 10, lane=Lane.INTERACTIVE, waiting=False)
    assert pace.rate == pytest.approx(1 / 6, rel=0.01)


def test_work_is_told_by_lane_and_only_once() -> None:
    pace = Pace(25.0)
    pace.record(0, 2, 10, lane=Lane.INTERACTIVE, waiting=False)
    pace.record(3, 4, 10, lane=Lane.BULK, waiting=False)
    pace.record(5, 6, 0, lane=Lane.BULK, waiting=False)
    assert pace.take_seconds() == {Lane.INTERACTIVE: 2, Lane.BULK: 2}
    assert pace.take_seconds() == {Lane.INTERACTIVE: 0, Lane.BULK: 0}
