"""The ring in the cache, on every Redis there is."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from api.stats.clock import RedisClock
from api.stats.counts import COUNT, SLOTS, STEP_MS, SUM_COUNT
from api.stats.history import History
from api.stats.ring import Ring
from shared.broker.connect import Server
from shared.broker.url import RedisUrl
from tests.support.service import Service

T = TypeVar("T")


def with_ring(service: Service, scenario: Callable[[Ring, RedisClock], Awaitable[T]]) -> T:
    """Run a scenario on a ring of the service's cache."""

    async def run() -> T:
        redis = Server(RedisUrl.parse(service.cache.url)).asyncio_client(1.0)
        clock = RedisClock()
        try:
            return await scenario(Ring(redis, service.keys, clock, 1.0), clock)
        finally:
            await redis.aclose(close_connection_pool=True)

    return asyncio.run(run())


def counts(value: int) -> list[int]:
    return [value] * COUNT


def slot_now() -> int:
    return int(time.time() * 1000 // STEP_MS)


def test_processes_are_added_up_and_levels_are_not(any_service: Service) -> None:
    async def scenario(ring: Ring, clock: RedisClock) -> None:
        slot = slot_now()
        assert await ring.add({slot: counts(2), slot - 1: counts(7)})
        assert await ring.add({slot: counts(3)})
        found = await ring.read(range(slot - 2, slot + 1))
        assert found == {slot - 1: counts(7), slot: [5] * SUM_COUNT + [3] * (COUNT - SUM_COUNT)}

    with_ring(any_service, scenario)


def test_the_ring_has_a_fixed_size_and_a_clock_that_is_off_does_not_disturb_it(any_service: Service) -> None:
    async def scenario(ring: Ring, clock: RedisClock) -> None:
        slot = slot_now()
        assert await ring.add({slot - i: counts(1) for i in range(2 * SLOTS)})
        assert await ring.add({slot + 50: counts(9), slot + SLOTS: counts(9)})
        found = await ring.read(range(slot - SLOTS + 1, slot + 1))
        assert found is not None
        assert len(found) >= SLOTS - 1, "the slots may have moved on by one meanwhile"
        assert all(value == counts(1) for value in found.values())

    with_ring(any_service, scenario)
    with any_service.cache.client() as redis:
        assert redis.hlen(any_service.keys.stats) <= SLOTS
        assert redis.memory_usage(any_service.keys.stats) < 100_000
        assert 0 < redis.pttl(any_service.keys.stats) <= 2 * SLOTS * STEP_MS


def test_counts_of_an_earlier_lap_or_of_another_layout_are_not_taken_for_new_ones(any_service: Service) -> None:
    slot = slot_now()
    with any_service.cache.client() as redis:
        redis.hset(any_service.keys.stats, str(slot % SLOTS), f"{slot - SLOTS} " + " ".join(["1"] * COUNT))
        redis.hset(any_service.keys.stats, str((slot - 1) % SLOTS), f"{slot - 1} 1 2 3")

    async def scenario(ring: Ring, clock: RedisClock) -> None:
        assert await ring.read(range(slot - 1, slot + 1)) == {}
        assert await ring.add({slot: counts(4), slot - 1: counts(4)})
        assert await ring.read(range(slot - 1, slot + 1)) == {slot: counts(4), slot - 1: counts(4)}

    with_ring(any_service, scenario)


def test_all_take_the_time_from_redis(service: Service) -> None:
    async def scenario(ring: Ring, clock: RedisClock) -> float:
        clock.correct(0, clock.now())
        assert clock.now() == pytest.approx(0, abs=1000)
        assert await ring.add({})
        return clock.now()

    assert with_ring(service, scenario) == pytest.approx(time.time() * 1000, abs=2000)


def test_a_reader_remembers_what_it_has_read(service: Service) -> None:
    async def scenario(ring: Ring, clock: RedisClock) -> None:
        history = History(ring, clock)
        newest = history.newest
        await ring.add({newest - i: counts(1) for i in range(SLOTS)})
        await history.refresh()
        expected = set(range(newest - SLOTS + 10, newest + 1))  # time goes on meanwhile
        assert {row[0] for row in history.points(0)} >= expected
        assert history.points(newest - 3)[0][0] == newest - 2
        slots, minute = history.minute()
        assert minute[0] == slots >= 5
        service.cache.stop()
        await history.refresh()
        assert {row[0] for row in history.points(0)} >= expected, "what is known stays while Redis is away"

    with_ring(service, scenario)
