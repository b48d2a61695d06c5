"""Closed loops with enough prepared requests: a short run before the measurement shows how many are needed."""

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import psutil

from load.errors import BenchError
from load.generate.drive import Observation, RanOutError, Say, Window, client_rate, closed_loop
from load.generate.plan import Plan

Prepare = Callable[[int, str | None], Awaitable[Plan]]
"""Makes a number of requests for each client, with a given or a random salt, and warms the service up."""
_PILOT_REQUESTS: Final = 1_000
_PILOT_SECONDS: Final = (1, 5, 20)
"""Lengths of the short run; the next one counts if a client has not got two answers in it."""
_MARGIN: Final = 1.5
"""Factor for the number of requests, because a service may become faster while it runs."""
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
    """Drive a closed loop with as many requests as the rate of a short run requires.

    Args:
        prepare: makes the requests.
        window: the time that is measured.
        processes: the processes whose CPU time is measured, by part.
        salt: salt of the measured requests; the short run uses another one.
        say: writes a line of progress.

    Raises:
        BenchError: see `closed_loop`; or each run used up its requests.
    """
    rate = await _pilot(await prepare(_PILOT_REQUESTS, None))
    seconds = window.warm_up + window.seconds + _GRACE_SECONDS
    for _ in range(_TRIES):
        plan = await prepare(math.ceil(_MARGIN * rate * seconds) + 10, salt)
        try:
            return await closed_loop(plan, window, processes, say), plan
        except RanOutError as short:
            rate, salt = max(short.rate, _MARGIN * rate), None  # the texts of the failed run are cached now
    raise BenchError(f"the requests did not last in {_TRIES} runs: a client has sent {rate:.0f} a second at the end")


async def _pilot(plan: Plan) -> float:
    """Return the rate of the fastest client in a short run."""
    for seconds in _PILOT_SECONDS:
        if rate := await client_rate(plan, seconds):
            return rate
    raise BenchError(f"no client got two answers in {_PILOT_SECONDS[-1]} s while the rate was measured")
