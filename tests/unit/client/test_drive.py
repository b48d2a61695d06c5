import asyncio
from collections.abc import AsyncGenerator

import pytest

from client.drive import iterate, run


async def value() -> int:
    return 7


def test_a_coroutine_that_never_waits_gives_its_value() -> None:
    assert run(value()) == 7


def test_its_errors_come_out() -> None:
    async def fail() -> int:
        raise LookupError("why")

    with pytest.raises(LookupError, match="why"):
        run(fail())


def test_one_that_waits_is_a_mistake() -> None:
    async def wait() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="event loop"):
        run(wait())


def test_a_generator_that_is_left_early_is_closed() -> None:
    closed = []

    async def count() -> AsyncGenerator[int]:
        try:
            for number in range(10):
                yield number
        finally:
            closed.append(True)

    assert list(iterate(count())) == list(range(10))
    numbers = iterate(count())
    assert next(numbers) == 0
    numbers.close()  # type: ignore[attr-defined]
    assert closed == [True, True]
