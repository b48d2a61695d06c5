import pytest

from api.dispatch.admission import capacity, overloaded, require_feasible
from shared.broker.fleet import Fleet, Worker
from shared.contract.errors import TooMuchWorkError


def fleet(*rates: float) -> Fleet:
    return Fleet(0, "v", tuple(Worker(str(i), "v", 1, 0, 0, rate) for i, rate in enumerate(rates)))


def test_capacity_adds_the_workers_and_keeps_a_reserve() -> None:
    assert capacity(fleet(100, 100), 2.0) == 320


def test_work_that_idle_workers_cannot_finish_is_too_much() -> None:
    require_feasible(320, fleet(200), 2.0)
    with pytest.raises(TooMuchWorkError) as caught:
        require_feasible(321, fleet(200), 2.0)
    assert caught.value.estimate == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(("backlog", "seconds"), [(0, 1), (80, 1), (81, 2), (800, 10)])
def test_retry_after_is_the_time_to_drain(backlog: int, seconds: int) -> None:
    assert overloaded(backlog, fleet(100)).retry_after == seconds


def test_retry_after_without_a_rate() -> None:
    assert overloaded(100, fleet()).retry_after == 1
