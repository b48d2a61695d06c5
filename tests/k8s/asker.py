"""``python -m tests.k8s.asker NAME HITS MISSES``: ask so many times a second until standard input ends.

A process of its own, ahead of all others where it may be: a client without CPU would measure itself. Each answer is a
line of JSON on standard output: text, hit, began (when it was due by `time.monotonic`, the machine's), seconds from
then, status (0 without an answer), body, Retry-After, seconds by which it was sent late.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from itertools import count
from typing import Final

import httpx

from tests.k8s.service import API

FAMILIAR: Final = [f"A familiar sentence, number {n}: a {'fine' if n % 2 else 'dreadful'} film." for n in range(40)]
TIMEOUT: Final = 10.0


async def _ask(name: str, rates: dict[bool, float]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().run_in_executor(None, sys.stdin.read).add_done_callback(lambda _: stop.set())
    async with (
        httpx.AsyncClient(base_url=API, timeout=TIMEOUT, limits=httpx.Limits(max_connections=200)) as client,
        asyncio.TaskGroup() as group,
    ):
        for hit, rate in rates.items():
            group.create_task(_kind(client, stop, name, hit=hit, pause=1 / rate))


async def _kind(client: httpx.AsyncClient, stop: asyncio.Event, name: str, *, hit: bool, pause: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in count():
            if stop.is_set():
                return
            text = FAMILIAR[number % len(FAMILIAR)] if hit else f"{name}, {number} at {due:.3f}: a fine film."
            group.create_task(_one(client, text, hit=hit, due=due))
            due += pause
            await asyncio.sleep(due - loop.time())


async def _one(client: httpx.AsyncClient, text: str, *, hit: bool, due: float) -> None:
    late = time.monotonic() - due
    status, body, retry_after = 0, None, ""
    try:
        response = await client.post("/project/predict", json={"text": text})
        status, retry_after = response.status_code, response.headers.get("retry-after", "")
        body = response.json()
    except (httpx.HTTPError, ValueError) as error:
        body = type(error).__name__
    line = json.dumps([text, hit, due, time.monotonic() - due, status, body, retry_after, late])
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _go_ahead() -> None:
    """Have this process run as soon as it is due, which only root may on Linux.

    A nice value would not do: where the kernel groups processes by session, it counts within the session only.
    """
    with contextlib.suppress(PermissionError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


if __name__ == "__main__":
    _go_ahead()
    asyncio.run(_ask(sys.argv[1], {True: float(sys.argv[2]), False: float(sys.argv[3])}))
