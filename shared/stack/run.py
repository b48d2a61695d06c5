"""Running the stack: start all parts, run until a signal or until the given work has ended, stop all parts."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from shared.process.settings import Settings
from shared.stack.errors import StackError
from shared.stack.health import until_healthy
from shared.stack.layout import Layout, lock, plan
from shared.stack.output import Output, standard_output
from shared.stack.supervisor import Supervisor

_USUAL_URL = "http://127.0.0.1:8000"
_USUAL_PREFIX = "/project"
INTERRUPTED = 130
"""Exit code after a signal that ended the work; as a shell's after Ctrl-C."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Work = Callable[[Layout], Awaitable[None]]


async def run_stack(settings: Settings, data: Path, work: Work | None = None) -> int:
    """Run the whole product.

    Args:
        settings: ports and credentials.
        data: folder of the broker's data.
        work: function to run when the service is healthy; after it, the stack stops. Without it, run until a signal.

    Returns:
        The exit code: 0 after the end of the work, or after a signal if there is none; `INTERRUPTED` after a signal
        that ended the work; 1 when a part failed, after a sentence about it.
    """
    with tempfile.TemporaryDirectory(prefix="sentiment-") as scratch:
        try:
            lock_file = lock(data)
            layout = plan(settings, data, Path(scratch))
        except StackError as error:
            standard_output([]).say(str(error))
            return 1
        with lock_file:
            output = standard_output([part.name for part in layout.parts], quiet=work is not None)
            return await _supervise(layout, output, work)


async def _supervise(layout: Layout, output: Output, work: Work | None) -> int:
    supervisor = Supervisor(layout.parts, output)
    asked = asyncio.Event()

    def ask() -> None:
        if asked.is_set():
            supervisor.kill()
        asked.set()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, ask)
    life = asyncio.create_task(_live(supervisor, layout, output, work))
    stop = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait([life, stop], return_when=asyncio.FIRST_COMPLETED)
        if asked.is_set():
            output.say("stopping; once more to kill")
        else:
            life.result()
    except StackError as error:
        output.say(str(error))
        return 1
    finally:
        for task in (life, stop):
            task.cancel()
        await asyncio.gather(life, stop, return_exceptions=True)
        await supervisor.stop()
    return 0 if work is None or not asked.is_set() else INTERRUPTED


async def _live(supervisor: Supervisor, layout: Layout, output: Output, work: Work | None) -> None:
    """Start the parts, wait until the service is healthy, then run the work, or print the addresses and wait."""
    await supervisor.start()
    await supervisor.unless_failed(until_healthy(layout.api, output, layout.key))
    supervisor.settle()
    if work is not None:
        await supervisor.unless_failed(work(layout))
        return
    output.block(_welcome(layout))
    await supervisor.unless_failed(_forever())


async def _forever() -> None:
    await asyncio.Event().wait()


def _welcome(layout: Layout) -> str:
    command = os.path.relpath(Path(sys.executable).with_name("sentiment"))
    url = "" if layout.api == _USUAL_URL else f" --url {layout.api}"
    name = layout.prefix.strip("/")
    service = "" if layout.prefix == _USUAL_PREFIX else f" --service '{name}'"
    ask = f"{layout.api}{layout.prefix}/predict -H 'Content-Type: application/json'"
    ask += " -H 'Authorization: Bearer KEY'" if layout.key else ""
    key = "SENTIMENT_API_KEY=KEY " if layout.key else ""
    return f"""
  Sentiment is up.

  Page     {layout.api}   (try it, send files, watch the system)
  API      {layout.api}{layout.prefix}   (its documentation: {layout.api}/docs)
  Flower   {layout.flower}   user {layout.user}, password {layout.password}
  Try      {key}{command} predict "What a lovely day"{url}{service}
  or       curl -s {ask} -d '{{"text": "What a lovely day"}}'
  Stop     Ctrl-C
"""
