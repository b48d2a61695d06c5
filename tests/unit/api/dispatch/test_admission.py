import asyncio
from typing import cast

import pytest

from api.dispatch.admission import Admission
from api.dispatch.fleet_watch import FleetWatch
from api.metrics.tallies import Tallies
from shared.contract.errors import BrokerUnavailableError, NoWorkerError, TooMuchWorkError
from tests.unit.api.dispatch.fakes import Watch


def admission(watch: Watch) -> Admission:
    return Admission(cast("FleetWatch", watch), 2.0, Tallies())


def test_work_that_idle_workers_cannot_finish_is_too_much() -> None:
    few = admission(Watch(rate=200))
    few.require(320, [])
    with pytest.raises(TooMuchWorkError) as caught:
        few.require(321, [])
    assert caught.value.estimate == pytest.approx(2.0, abs=0.01)


def test_without_workers_or_a_broker_nothing_is_computed() -> None:
    with pytest.raises(NoWorkerError):
        admission(Watch(processes=0)).require(1, [1])
    away = Watch()
    away.broker_up = False
    with pytest.raises(BrokerUnavailableError):
        admission(away).require(1, [1])


def test_the_backlog_may_take_a_share_of_the_time_and_an_empty_one_takes_any_request() -> None:
    some = admission(Watch(rate=100))
    assert some.limit(1.0, 10) == 60
    assert some.limit(1.0, 100) == 100


@pytest.mark.parametrize(
    ("rate", "backlog", "seconds"), [(100, 0, 1), (100, 80, 1), (100, 81, 2), (100, 800, 10), (0, 100, 1)]
)
def test_retry_after_is_the_time_to_drain(rate: float, backlog: int, seconds: int) -> None:
    async def refuse() -> float:
        return admission(Watch(rate=rate)).refused(backlog, 1.0).retry_after

    assert asyncio.run(refuse()) == seconds
