"""Running coroutines that never suspend, without an event loop (see `client.wire`)."""

from collections.abc import AsyncGenerator, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, and return its value."""
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    work.close()
    raise RuntimeError("waited for an event loop where there is none")


def iterate(work: AsyncGenerator[T, None]) -> Iterator[T]:
    """Run an asynchronous generator that never suspends, and yield its values."""
    try:
        while True:
            try:
                value = run(_next(work))
            except StopAsyncIteration:
                return
            yield value
    finally:
        run(work.aclose())


async def _next(work: AsyncGenerator[T, None]) -> T:
    return await anext(work)
