import asyncio

from api.dispatch.flights import Flight, Flights
from shared.contract.results import Result


def test_everyone_aboard_gets_the_first_outcome() -> None:
    async def scenario() -> None:
        flights = Flights()
        flight = Flight("k", "text", 9, 1.0, "r")
        flights.add(flight)
        assert flights.join("k", 5.0) is flight
        assert flights.join("k", 2.0) is flight
        assert flight.deadline == 5.0
        result = Result("v", 1, b"[]")
        flights.land("k", result)
        flights.land("k", Result("v", 2, b"{}"))
        assert flight.future.result() is result
        assert not len(flights)

    asyncio.run(scenario())


def test_an_outcome_of_nobodys_is_dropped() -> None:
    Flights().land("k", Result("v", 1, b"[]"))


def test_no_flight_to_join() -> None:
    assert Flights().join("k", 1.0) is None
