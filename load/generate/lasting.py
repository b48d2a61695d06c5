"""Closed loops whose requests last: a short run before the measurement says how many are needed."""

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import psutil

from load.errors import BenchError
from load.generate.drive import Observation, RanOutError, Say, Window, client_rate, closed_loop
from load.generate.plan import Plan

Prepare = Callable[[int, str | None], Awaitable[Plan]]
"""Makes so many requests for each client, with a salt or a random one, and warms the service up."""
_PILOT_REQUESTS: Final = 1_000
_MARGIN: Final = 1.5
"""A service may get faster while it runs."""
_GRACE_SECONDS: Final = 3.0
_TRIES: Final = 2


async def lasting_loop(
    prepare: Prepare,
    window: Window,
    processes: Mapping[str, psutil.Process],
    *,
    salt: str | None = None,
    say: Say | None = None,
) -> tuple[Observation, Plan]:
    """Drive a closed loop with as many requests as the rate of a short run asks for.

    Args:
        prepare: makes the requests.
        window: what is looked at.
        processes: whose CPU time is read.
        salt: of the measured requests; those of the short run are others.
        say: progress.

    Raises:
        BenchError: see `closed_loop`; or the service became much faster in each of the runs.
    """
    rate = await client_rate(await prepare(_PILOT_REQUESTS, None))
    seconds = window.warm_up + window.seconds + _GRACE_SECONDS
    for _ in range(_TRIES):
        plan = await prepare(math.ceil(_MARGIN * rate * seconds) + 10, salt)
        try:
            return await closed_loop(plan, window, processes, say), plan
        except RanOutError as short:
            rate, salt = max(short.rate, _MARGIN * rate), None  # what was sent is cached
    raise BenchError(f"the requests did not last in {_TRIES} runs: a client has sent {rate:.0f} a second at the end")
